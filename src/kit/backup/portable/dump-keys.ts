import type { DumpKeys } from './open-dump.ts'
import { readIdentity, type EncryptionSettings } from '../encryption/encryption-settings.ts'

/** Creates the keys for openDump. Reads the host key only when something is decrypted. */
export function dumpKeys(settings: EncryptionSettings): DumpKeys {
  return {
    readIdentity: () => readIdentity(settings),
    searchPath: settings.searchPath,
  }
}
