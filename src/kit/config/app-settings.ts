import type { KeyRow, KeyTable, TypeOf } from './key-row.ts'

/** One setting of the application: type, help, default or optional, limits, `secret: true` for one that may come from KEY_FILE. */
export type SettingRow = Omit<KeyRow, 'group' | 'usedBy' | 'follows' | 'mayBeEmpty'>

/** Settings of the application by name. */
export type SettingTable = Readonly<Record<`APP_${string}`, SettingRow>>

export type ValueOf<R extends SettingRow> = R extends { optional: true }
  ? TypeOf[R['type']] | undefined
  : TypeOf[R['type']]

/** Parsed values of a table of settings: what routes, jobs and the seed get. */
export type SettingsOf<T extends SettingTable> = { readonly [K in keyof T & `APP_${string}`]: ValueOf<T[K]> }

export const settingPrefix = 'APP_'

/** Rows of the application in the form of the kit's own. */
export function keyRowsOf(settings: SettingTable): KeyTable {
  return Object.fromEntries(
    Object.entries(settings).map(([key, row]) => [
      key,
      { ...row, group: 'Application', usedBy: ['server', 'embedded', 'seed'] },
    ]),
  )
}
