import { createHash } from 'node:crypto'
import { chmod, cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { renderChecksums } from '../../../../src/kit/backup/portable/checksums.ts'
import { parseManifest, renderManifest, type Manifest } from '../../../../src/kit/backup/portable/manifest.ts'
import type { AnyRole } from '../../support/postgres-facts.ts'
import { openDrillService, type DrillService } from './drill-service.ts'
import { openClient } from './open-client.ts'
import { runCli, startCli, type Ended, type Started } from './run-cli.ts'
import { openToolsServer, type ToolsServer } from './tools-server.ts'

export interface DrillFixture {
  server: ToolsServer
  service: DrillService
  folder: string
  handoffFolder: string
  url: (role: AnyRole) => string
  /** Holds pg_restore of the drill up for as long as this file is there. */
  gate: string
  create: (more?: Record<string, string>) => Promise<string>
  drill: (args?: string[], more?: Record<string, string>) => Promise<Ended>
  startDrill: (more?: Record<string, string>) => Started
  verify: (name: string) => Promise<Ended>
  sql: (role: AnyRole, statement: string) => Promise<void>
  json: (...path: string[]) => Promise<Record<string, unknown>>
  /** What a drill has left in the shared volume, beside the door. */
  leftovers: (handoffFolder?: string) => string[]
  /** A second drill service, at another volume. */
  serviceAt: (handoffFolder: string) => Promise<DrillService>
  close: () => Promise<void>
}

/** The programs of the drill, with a pg_restore that can be held up. */
async function gatedTools(tools: string, folder: string, gate: string): Promise<string> {
  for (const name of ['initdb', 'postgres', 'psql']) await symlink(join(tools, name), join(folder, name))
  const script = `#!/bin/sh\nwhile [ -e '${gate}' ]; do sleep 0.05; done\nexec '${tools}/pg_restore' "$@"\n`
  await writeFile(join(folder, 'pg_restore'), script)
  await chmod(join(folder, 'pg_restore'), 0o755)
  return folder
}

export async function openDrillFixture(tools: string, databaseName: string): Promise<DrillFixture> {
  const server = await openToolsServer(tools)
  const url = await server.createDatabase(databaseName)
  const made = await Promise.all(
    ['slipway backups é-', 'hand-over-', 'gated-'].map((name) => mkdtemp(join(tmpdir(), name))),
  )
  const [folder = '', handoffFolder = '', programs = ''] = made
  for (const each of [handoffFolder, programs]) await chmod(each, 0o755)
  const gate = join(programs, 'gate')
  const service = await openDrillService(handoffFolder, await gatedTools(tools, programs, gate))
  const settings = (more: Record<string, string> = {}): Record<string, string> => ({
    DATABASE_URL: url('backup'),
    BACKUP_FOLDER: folder,
    BACKUP_PG_BIN: tools,
    BACKUP_DRILL_FOLDER: handoffFolder,
    ...more,
  })
  return {
    server,
    service,
    folder,
    handoffFolder,
    url,
    gate,
    create: async (more) => {
      const { code, stdout, stderr } = await runCli(['create'], settings(more))
      if (code !== 0) throw new Error(stderr)
      return stdout
    },
    drill: (args = [], more) => runCli(['drill', '--kind', 'portable', ...args], settings(more)),
    startDrill: (more) => startCli(['drill', '--kind', 'portable'], settings(more)),
    verify: (name) => runCli(['verify', name], settings()),
    sql: async (role, statement) => {
      const sql = openClient(url(role))
      try {
        await sql.unsafe(statement)
      } finally {
        await sql.end({ timeout: 5 })
      }
    },
    json: async (...path) =>
      JSON.parse(await readFile(join(folder, ...path), 'utf8')) as Record<string, unknown>,
    leftovers: (at = handoffFolder) => readdirSync(at).filter((name) => name !== 'drill.sock'),
    serviceAt: (at) => openDrillService(at, programs),
    close: async () => {
      await service.close()
      await server.close()
      for (const each of made) await rm(each, { recursive: true, force: true })
    },
  }
}

/** Writes `change` into the manifest of a backup, with checksums that fit, as a careful forger would. */
export async function changeManifest(
  folder: string,
  name: string,
  change: (manifest: Manifest) => Manifest,
): Promise<void> {
  const path = join(folder, name, 'manifest.json')
  const manifest = parseManifest(await readFile(path, 'utf8'))
  if (manifest === undefined) throw new Error(`no manifest at ${path}`)
  const changed = change(manifest)
  await writeFile(path, renderManifest(changed))
  const digests = Object.fromEntries(changed.files.map(({ file, sha256 }) => [file, sha256]))
  digests['manifest.json'] = createHash('sha256').update(renderManifest(changed)).digest('hex')
  await writeFile(join(folder, name, 'SHA256SUMS'), renderChecksums(digests))
}

/** The dump of one backup under the manifest of another: every file is whole, and the content is not what was counted. */
export async function swapDump(folder: string, from: string, into: string): Promise<void> {
  const other = parseManifest(await readFile(join(folder, from, 'manifest.json'), 'utf8'))
  if (other === undefined) throw new Error(`no manifest of ${from}`)
  await cp(join(folder, from, other.dump.file), join(folder, into, other.dump.file))
  const entry = ({ file, bytes, sha256 }: Manifest['dump']) => ({ file, bytes, sha256 })
  await changeManifest(folder, into, (manifest) => ({
    ...manifest,
    dump: other.dump,
    files: manifest.files.map((file) => (file.file === other.dump.file ? entry(other.dump) : file)),
  }))
}
