import type { DumpKeys } from './open-dump.ts'
import { readIdentity, type EncryptionSettings } from '../encryption/encryption-settings.ts'

/** The host's own key, read when something is to be decrypted and not before. */
export const dumpKeys = (settings: EncryptionSettings): DumpKeys => ({
  readIdentity: () => readIdentity(settings),
  searchPath: settings.searchPath,
})
