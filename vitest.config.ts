import { defineConfig } from 'vitest/config'
import { containerTests as ofTheApplication } from './test/app/container-tests.ts'

/** Several times what a quiet machine takes: a crowded one is slow, not broken. */
const integrationTimes = { testTimeout: 60_000, hookTimeout: 120_000 }

/** Per room what a server in a container can do otherwise: TLS, roles, versions, processes, locks. The rest runs on the embedded server. */
const containerTests = [
  'auth/adapter',
  'db/app-privileges',
  'db/driver-behaviour',
  'db/test-database',
  'db/tls',
  'migrate/drift',
  'migrate/interchange',
  'migrate/lost-lock',
  'migrate/run-migrations',
  'migrate/tls',
  'server/killed-after-commit',
  'server/lifecycle',
]

/** Their repetitions are fewer in `make test`: test/kit/support/repetitions.ts. */
const longTests = [
  'app/integration/proof/fuzz-document',
  'kit/integration/backup/config-flipped-bits',
  'kit/integration/backup/flipped-bits',
  'kit/integration/backup/upgrade-faults',
  'kit/integration/continuous/loss',
  'kit/integration/continuous/random-moments',
  'kit/integration/migrate/killed',
  'kit/integration/migrate/many-migrators',
  'kit/integration/migrate/rehearsal-cases',
]

export default defineConfig({
  test: {
    // The failed tests come last: CI shows the end of its log.
    reporters: ['default', './test/kit/support/slowest-tests.ts', './test/kit/support/failed-tests.ts'],
    // More than two cores: most tests wait for a process or a time-out. By default it would be one on two cores.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{app,kit}/unit/**/*.test.ts'],
          globalSetup: ['test/kit/support/memory-folder.ts'],
          // Many start scripts, and the integration tests keep both cores busy beside them.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          ...integrationTimes,
          name: 'integration',
          include: ['test/{app,kit}/integration/**/*.test.ts'],
          globalSetup: ['test/kit/support/run-setup.ts', 'test/kit/support/postgres-setup.ts'],
        },
      },
      {
        test: {
          ...integrationTimes,
          name: 'container',
          include: [...containerTests, ...ofTheApplication].map(
            (each) => `test/*/integration/${each}.test.ts`,
          ),
          globalSetup: ['test/kit/support/run-setup.ts', 'test/kit/support/container-setup.ts'],
        },
      },
      {
        test: {
          ...integrationTimes,
          name: 'long',
          testTimeout: 600_000,
          include: longTests.map((each) => `test/${each}.test.ts`),
          globalSetup: ['test/kit/support/run-setup.ts', 'test/kit/support/postgres-setup.ts'],
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/kit/system/**/*.test.ts'],
          globalSetup: ['test/kit/support/stack-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
