import type { DumpKeys } from './open-dump.ts'
import { readIdentity, type EncryptionSettings } from '../encryption/encryption-settings.ts'

/** The host's own key, read when something is to be decrypted and not before. */
export function dumpKeys(settings: EncryptionSettings): DumpKeys {
  return {
    readIdentity: () => readIdentity(settings),
    searchPath: settings.searchPath,
  }
}
