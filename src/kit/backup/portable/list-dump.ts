import type { Readable } from 'node:stream'
import type { Programs } from '../../postgres/run-program.ts'
import { listArguments } from './pg-arguments.ts'
import { readDumpStart } from './read-dump-start.ts'

/** Returns the output of `pg_restore --list` for a dump, and reads the dump to its end. */
export function listDump(dump: Readable, programs: Programs): Promise<string> {
  return readDumpStart(dump, programs, listArguments)
}
