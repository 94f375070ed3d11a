import type { MigrationFile } from '../read-migrations.ts'
import type { Fault } from './fault.ts'

const floor = /'slipway:floor ([^']*)'/g

/** A floor that no image carries would take every image out of service. */
export function checkFloor(files: MigrationFile[]): Fault[] {
  return files.flatMap((file, index) => {
    const tags = files.slice(0, index + 1).map((each) => each.tag)
    const floors = [...file.statements.join('\n').matchAll(floor)].map((match) => match[1] ?? '')
    return floors
      .filter((tag) => !tags.includes(tag))
      .map((tag): Fault => ({
        exit: 'usage',
        subject: `${file.tag}.sql`,
        message: `${file.tag} sets the floor to ${tag}, which is not a migration up to this one`,
        hint: 'name the tag of the oldest migration that an image must carry to live with this schema',
      }))
  })
}
