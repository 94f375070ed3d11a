import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { backupTools } from '../../integration/backup/backup-tools.ts'
import { openOffsiteStage } from '../../integration/backup/offsite-stage.ts'
import { postgresTools } from '../../integration/backup/postgres-tools.ts'
import { createRandom } from '../random.ts'
import { mountSmallVolume } from '../small-volume.ts'
import { archiveFaults, openArchive, runArchiveFault } from './archive-faults.ts'
import type { BackupFault } from './backup-fault.ts'
import type { BackupRow } from './backup-row.ts'
import { openBackupStage, type StageTools } from './backup-stage.ts'
import { damageFaults } from './damage-faults.ts'
import { dumpFaults } from './dump-faults.ts'
import { cutNetwork, networkGone } from './offsite-faults.ts'
import { restoreFaults } from './restore-faults.ts'
import { runBackupFault } from './run-backup-fault.ts'
import { scheduleFaults } from './schedule-faults.ts'
import { smallDiskFaults } from './small-disk-faults.ts'

interface GroupedFault {
  name: string
  /** At another moment each time: run as often as is asked for. */
  isRandom: boolean
  run: (at: { seed: number; run: number }) => Promise<BackupRow>
}

/** Faults that share what takes long to open. */
export interface Group {
  names: string[]
  open: (scratch: string) => Promise<{ faults: GroupedFault[]; close: () => Promise<void> }>
}

type Tools = Pick<StageTools, 'postgres' | 'age'>

function groupOf(
  faults: readonly BackupFault[],
  openTools: (scratch: string) => Promise<StageTools>,): Group {
return {
  names: faults.map(({ name }) => name),
  open: async (scratch) => {
    const stage = await openBackupStage(scratch, await openTools(scratch))
    return {
      faults: faults.map((fault) => ({
        name: fault.name,
        isRandom: fault.isRandom === true,
        run: (at) => runBackupFault(stage, fault, at),
      })),
      close: stage.close,
    }
  },
}
}

function smallDisk(tools: Tools) {
return async (scratch: string): Promise<StageTools> => {
    const [home, logFolder] = [join(scratch, 'small-disk'), join(scratch, 'small-disk-log')]
    await mkdir(logFolder)
    await mountSmallVolume(home, 160)
    return { ...tools, place: { home, logFolder } }
  }
}

const archiveGroup: Group = {
  names: archiveFaults.map(({ name }) => name),
  open: async () => {
    const server = await openArchive()
    return {
      faults: archiveFaults.map((fault) => ({
        name: fault.name,
        isRandom: fault.isRandom === true,
        run: ({ seed, run }) => runArchiveFault(server, fault, createRandom(seed, `${fault.name} ${run}`)),
      })),
      close: server.close,
    }
  },
}

const offsiteGroup: Group = {
  names: [networkGone],
  open: async () => {
    const stage = await openOffsiteStage()
    return {
      faults: [
        {
          name: networkGone,
          isRandom: true,
          run: ({ seed, run }) => cutNetwork(stage, createRandom(seed, `${networkGone} ${run}`)),
        },
      ],
      close: stage.close,
    }
  },
}

const common: readonly BackupFault[] = [...dumpFaults, ...damageFaults, ...restoreFaults, ...scheduleFaults]

function isPossible({ missing }: BackupFault): boolean {
return missing?.() === undefined
}

function whyNot({ name, missing }: BackupFault): string[] {
  const reason = missing?.()
  return reason === undefined ? [] : [`${name}: ${reason}`]
}

/** Those that can be run here, and why the others cannot. */
export function allGroups(): { groups: Group[]; leftOut: string[] } {
  if (postgresTools === undefined || backupTools === undefined) {
    return { groups: [], leftOut: ['all of them: pg_dump or age is missing (test/kit/support/install-*.sh)'] }
  }
  const tools = { postgres: postgresTools, age: backupTools }
  return {
    groups: [
      groupOf(common.filter(isPossible), () => Promise.resolve(tools)),
      groupOf(smallDiskFaults.filter(isPossible), smallDisk(tools)),
      archiveGroup,
      offsiteGroup,
    ],
    leftOut: [...common, ...smallDiskFaults].flatMap(whyNot),
  }
}
