import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { readContinuousState, type ContinuousState } from '../continuous/continuous-state.ts'
import { readFailedDrill, type FailedDrill } from '../portable/failed-drill.ts'
import { isSchemaProven, provenSchemas } from '../portable/schema-proof.ts'
import { readContinuousProof, readProof, type Proof } from '../portable/read-proof.ts'
import { listStoredBackups, type StoredBackup } from '../portable/stored-backup.ts'

/** Entry of `backup list --json`, documented in docs/how-to/backup-and-restore.md. null means unknown. */
export interface ListedBackup {
  name: string
  createdAt: string | null
  ageSeconds: number | null
  bytes: number | null
  durationMs: number | null
  reason: string | null
  isEncrypted: boolean | null
  /** Reason why the backup is damaged. */
  fault: string | null
  proof: Proof | null
  /** Result of a failed drill of this backup. */
  failedDrill: FailedDrill | null
  /** True when a drill has restored this backup or another one with the same schema. */
  isSchemaProven: boolean
  copies: ('here' | 'offsite')[]
}

export interface ListedBackups {
  /** Newest first. */
  portable: ListedBackup[]
  continuous: (ContinuousState & { proof: Proof | null }) | null
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}

/** Describes one stored backup for the list. `proven` holds the catalog hashes of the proven schemas. */
export async function describeStored(
  backup: StoredBackup,
  now: Date,
  proven: Set<string>,
): Promise<ListedBackup> {
  const { name, folder, manifest, fault } = backup
  return {
    name,
    createdAt: manifest?.createdAt ?? null,
    ageSeconds:
      manifest === undefined ? null : Math.round((now.getTime() - Date.parse(manifest.createdAt)) / 1_000),
    bytes: manifest?.dump.bytes ?? null,
    durationMs: manifest?.durationMs ?? null,
    reason: manifest?.reason ?? null,
    isEncrypted: manifest === undefined ? null : manifest.encryption !== null,
    fault: fault ?? null,
    proof: (await readProof(folder)) ?? null,
    failedDrill: (await readFailedDrill(folder)) ?? null,
    isSchemaProven: isSchemaProven(backup, proven),
    // The copy writes this file after it was read back and compared.
    copies: (await isThere(join(folder, 'offsite.json'))) ? ['here', 'offsite'] : ['here'],
  }
}

/** Lists the portable backups and the state of the continuous backup. Does not read the dumps. */
export async function describeBackups(backupsFolder: string, now: Date): Promise<ListedBackups> {
  const stored = await listStoredBackups(backupsFolder)
  const proven = await provenSchemas(stored)
  const continuous = await readContinuousState(backupsFolder)
  return {
    portable: await Promise.all(stored.map((backup) => describeStored(backup, now, proven))),
    continuous:
      continuous === undefined
        ? null
        : { ...continuous, proof: (await readContinuousProof(backupsFolder)) ?? null },
  }
}
