import { cp, readdir, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { readStoredBackup } from '../../../../src/kit/backup/portable/stored-backup.ts'
import { createAgeKey, encryptFor } from '../../integration/backup/age-keys.ts'
import { changeManifest } from '../../integration/backup/drill-fixture.ts'
import { flipBit, flipBits } from '../../integration/backup/flip-bits.ts'
import type { BackupFault, Seen } from './backup-fault.ts'
import type { BackupStage } from './backup-stage.ts'
import { endingOf } from './kill-at-random.ts'

const flips = 500

/** A folder of backups with nothing in it but a copy of the good one. */
async function copyOf({ folder, work, backup }: BackupStage): Promise<string> {
  await cp(join(folder, backup), join(work, backup), { recursive: true })
  return join(work, backup)
}

async function isCountedAsDamaged(stage: BackupStage): Promise<boolean> {
return (await stage.metric(stage.work, 'backup_stored', { state: 'damaged' })) === 1
}

/** Read by `verify`, and refused by a restore. */
async function tryBoth(stage: BackupStage, path: string): Promise<Seen> {
  const read = await stage.run('backup', ['verify', path])
  const restored = await stage.run('migrator', ['restore', '--from', path])
  return {
    ended: [...new Set([endingOf(read), endingOf(restored)])].join(' and '),
    stderr: restored.stderr,
    lookedGood: [read, restored].filter(({ code }) => code === 0).length,
  }
}

const cutShort: BackupFault['run'] = async (stage, random) => {
  const path = await copyOf(stage)
  const files = (await readdir(path)).sort()
  const file = join(path, files[random.between(0, files.length - 1)] ?? '')
  await truncate(file, random.between(0, 200))
  return { ...(await tryBoth(stage, path)), isMetricRight: await isCountedAsDamaged(stage) }
}

const withoutManifest: BackupFault['run'] = async (stage) => {
  const path = await copyOf(stage)
  await rm(join(path, 'manifest.json'))
  return { ...(await tryBoth(stage, path)), isMetricRight: await isCountedAsDamaged(stage) }
}

/** In the process, five hundred times; by the command line and the metrics, once. */
const flipped: BackupFault['run'] = async (stage, random) => {
  const path = await copyOf(stage)
  const verify = async (): Promise<void> => {
    const fault = await stage.faultIn(await readStoredBackup(path, stage.backup))
    if (fault !== undefined) throw new Error(fault)
  }
  await verify()
  const missed = await flipBits({ folder: path, count: flips, random: random.next, verify })
  await flipBit(join(path, 'database.dump.age'), random.next)
  const seen = await tryBoth(stage, path)
  // Taking the next one reads what is there.
  const next = await stage.run('backup', ['create'], { BACKUP_FOLDER: stage.work })
  if (next.code !== 0) throw new Error(next.stderr)
  return {
    ...seen,
    lookedGood: (seen.lookedGood ?? 0) + missed.length,
    isMetricRight: await isCountedAsDamaged(stage),
  }
}

async function restore(stage: BackupStage, path: string, more?: Record<string, string>): Promise<Seen> {
  const ended = await stage.run('migrator', ['restore', '--from', path], more)
  return { ended: endingOf(ended), stderr: ended.stderr, lookedGood: ended.code === 0 ? 1 : 0 }
}

const wrongKey: BackupFault['run'] = async (stage) => {
  const { age } = stage.tools
  return restore(stage, stage.backup, await encryptFor(stage.work, createAgeKey(age), createAgeKey(age)))
}

const foreign: BackupFault['run'] = async (stage) => {
  const url = await stage.base.server.createDatabase(`foreign ${Date.now()}`)
  const settings = { DATABASE_URL: url('backup'), BACKUP_FOLDER: stage.work }
  const { stdout } = await stage.run('backup', ['create'], settings)
  return restore(stage, join(stage.work, stdout))
}

const newerMajor: BackupFault['run'] = async (stage) => {
  const path = await copyOf(stage)
  await changeManifest(stage.work, stage.backup, (manifest) => ({ ...manifest, serverVersion: '99.1' }))
  return restore(stage, path)
}

const untrusted = /^error: backup \S+ cannot be trusted: .*\nhint: use another one: make backups/m

export const damageFaults: readonly BackupFault[] = [
  { name: 'a file cut short', isRandom: true, expected: '50', sentence: untrusted, run: cutShort },
  { name: `${flips} flipped bits over every file`, expected: '50', sentence: untrusted, run: flipped },
  { name: 'manifest missing', expected: '50', sentence: untrusted, run: withoutManifest },
  {
    name: 'restore with the wrong key',
    expected: '55',
    sentence: /^error: .*key.*\nhint: /m,
    run: wrongKey,
  },
  {
    name: "restore of another database's backup",
    expected: '54',
    sentence: /^error: the backup is of database 'foreign \d+'.*\nhint: /m,
    run: foreign,
  },
  {
    name: 'restore of a backup of a newer major',
    expected: '52',
    sentence: /^error: .*the server is older.*\nhint: /m,
    run: newerMajor,
  },
]
