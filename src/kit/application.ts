import type { KitRouter, RouteDeps } from './http/routes/create-app.ts'
import type { Auth } from './auth/create-auth.ts'
import type { Database } from './db/open-database.ts'

/** The contract between the kit and the application in `src/app`: what the kit mounts and calls. */
export interface Application {
  /** `info` and `tags` of the OpenAPI document; tags in the order of the document. */
  document: { title: string; tags: readonly string[] }
  /** Adds the routes of the application to those of the kit, under /api, and returns the router with both. */
  mount: (router: KitRouter, deps: RouteDeps) => unknown
  /** Writes sample data; a second run changes nothing but a password that is given. Prints one line for each user. */
  seed: (tools: SeedTools) => Promise<void>
}

export interface SeedTools {
  db: Database
  auth: Auth
  /** For every user that is created or exists; without it a new one gets a random password, and an existing one keeps its own. */
  password: string | undefined
  print: (line: string) => void
}
