import type { Auth } from './auth/create-auth.ts'
import type { SettingsOf, SettingTable } from './config/app-settings.ts'
import type { Database } from './db/open-database.ts'
import type { KitRouter, RouteDeps } from './http/routes/create-app.ts'
import type { Job } from './jobs/job.ts'

/** The contract between the kit and the application in `src/app`: what the kit mounts and calls. */
export interface Application<T extends SettingTable = SettingTable> {
  /** `info` and `tags` of the OpenAPI document; tags in the order of the document. */
  document: { title: string; tags: readonly string[] }
  /** Rows of its settings; routes, jobs and the seed get their values. */
  settings: T
  /** Work on a schedule; each job runs in one replica at a time. */
  jobs: readonly Job<SettingsOf<T>>[]
  /** Adds the routes of the application to those of the kit, under /api, and returns the router with both. */
  mount(router: KitRouter, deps: RouteDeps<SettingsOf<T>>): unknown
  /** Writes sample data; a second run changes nothing but a password that is given. Prints one line for each user. */
  seed(tools: SeedTools<SettingsOf<T>>): Promise<void>
}

export interface SeedTools<S = unknown> {
  db: Database
  auth: Auth
  settings: S
  /** For every user that is created or exists; without it a new one gets a random password, and an existing one keeps its own. */
  password: string | undefined
  print: (line: string) => void
}
