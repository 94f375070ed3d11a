import { randomBytes } from 'node:crypto'

const namePattern = /^\d{8}T\d{6}Z-[0-9a-f]{6}$/
export const partialSuffix = '.partial'

/** Sorts by time; the random end keeps two of the same second apart. */
export const createBackupName = (at: Date): string =>
  `${at.toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`

/** Of a backup whose manifest cannot be read. */
export const timeOfName = (name: string): Date =>
  new Date(name.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-.*$/, '$1-$2-$3T$4:$5:$6Z'))

export const isBackupName = (name: string): boolean => namePattern.test(name)

export const isPartialName = (name: string): boolean =>
  name.endsWith(partialSuffix) && isBackupName(name.slice(0, -partialSuffix.length))
