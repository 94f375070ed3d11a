import { application, type AppType } from '../../../src/app/app.ts'
import { openTestApp, type Client, type TestApp, type TestAppOptions } from '../../kit/support/test-app.ts'

export type App = TestApp<AppType>
export type AppClient = Client<AppType>

/** The application of src/app on a fresh database. */
export function openApp(options?: TestAppOptions): Promise<App> {
  return openTestApp({ name: 'mounted', application }, options)
}
