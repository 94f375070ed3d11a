/** Used in file names, log fields and metric labels. */
export const jobNames = [
  'portable_dump',
  'base_full',
  'base_incremental',
  'drill',
  'offsite_copy',
  'config_archive',
  'config_copy',
] as const

export type JobName = (typeof jobNames)[number]
