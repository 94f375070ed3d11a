import { randomBytes } from 'node:crypto'

const namePattern = /^\d{8}T\d{6}Z-[0-9a-f]{6}$/
export const partialSuffix = '.partial'

/** Returns a new backup name. Names sort by time; the random suffix separates two of the same second. */
export function createBackupName(at: Date): string {
  return `${at.toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`
}

/** Returns the time in a backup name, for a backup with an unreadable manifest. */
export function timeOfName(name: string): Date {
  return new Date(name.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-.*$/, '$1-$2-$3T$4:$5:$6Z'))
}

/** Returns true for a final backup name, without the partial suffix. */
export function isBackupName(name: string): boolean {
  return namePattern.test(name)
}

export function isPartialName(name: string): boolean {
  return name.endsWith(partialSuffix) && isBackupName(name.slice(0, -partialSuffix.length))
}
