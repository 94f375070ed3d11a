import type { Room } from './wall-rules.ts'

const bottom = ['errors.ts', 'telemetry', 'host']
const server = [...bottom, 'postgres']
const migrations = ['errors.ts', 'postgres', 'migrate/sql', 'migrate']
const toolsOfMigrate = ['check', 'lint', 'backfill', 'command', 'rehearse'].map((each) => `migrate/${each}`)
const backups = [...server, 'backup', 'backup/encryption', 'backup/jobs', 'backup/portable']
const storedFiles = [...bottom, 'backup', 'backup/jobs', 'backup/portable']
const web = ['db', 'db/schema', 'auth', 'http', 'http/routes', 'http/server', 'application.ts', 'proof.ts']
const everyBackup = [
  ...backups,
  'backup/continuous',
  'backup/offsite',
  'backup/config-archive',
  'backup/list',
  'backup/restore',
  'backup/upgrade',
  'backup/drill',
  'backup/schedule',
]

/** The rooms of the kit, from the bottom to the top. */
export const rooms: Room[] = [
  { room: 'errors.ts', imports: [], why: 'errors is beneath every room: an error takes plain values' },
  {
    room: 'proof.ts',
    imports: [],
    why: 'the description for proofs is a type of plain values: what runs it belongs to the proofs',
  },
  {
    room: 'telemetry',
    imports: ['errors.ts'],
    packages: ['pino', 'prom-client'],
    why: 'telemetry writes what it is given: pass the value in',
  },
  {
    room: 'config',
    imports: ['errors.ts'],
    packages: ['croner'],
    why: 'config is a table and a parser: what opens or connects belongs to bin',
  },
  {
    room: 'host',
    imports: ['errors.ts'],
    packages: ['zod'],
    why: 'host knows programs, files and disks: what knows a database belongs to postgres or above',
  },
  {
    room: 'postgres',
    imports: bottom,
    packages: ['postgres'],
    why: 'postgres knows a server and a session, not what they serve: pass a callback, or move it to db, migrate or backup',
  },
  {
    room: 'db/schema',
    imports: [],
    packages: ['drizzle-orm', 'zod'],
    why: 'a schema is tables and types of columns: queries belong to db or auth',
  },
  {
    room: 'db',
    imports: ['errors.ts', 'postgres', 'db/schema'],
    packages: ['drizzle-orm', 'postgres'],
    why: 'db knows neither the domain nor HTTP: pass a callback in',
  },
  {
    room: 'auth',
    imports: ['errors.ts', 'postgres', 'db/schema', 'db'],
    packages: ['better-auth', 'drizzle-orm', 'uuid'],
    why: 'auth knows no HTTP and no logger: throw an AppError, and let http answer and log it',
  },
  {
    room: 'jobs',
    imports: ['errors.ts', 'telemetry', 'db'],
    packages: ['croner'],
    why: 'jobs knows when, where and how long: the work of a job belongs to auth, db or the application',
  },
  {
    room: 'http',
    imports: ['errors.ts', 'telemetry', 'db', 'auth'],
    packages: ['@hono/node-server'],
    why: 'http speaks HTTP alone: put the query into db or auth and call that',
  },
  {
    room: 'http/rest',
    imports: ['errors.ts', 'auth', 'http'],
    packages: ['hono', '@hono/zod-openapi', 'uuid', 'zod'],
    why: 'rest is what routes are built of: it knows neither the listener nor a route nor SQL',
  },
  {
    room: 'http/server',
    imports: ['errors.ts', 'http', 'http/rest'],
    packages: ['hono', '@hono/node-server'],
    why: 'the server listens, admits and drains: it knows no route and no SQL',
  },
  {
    room: 'http/routes',
    imports: ['errors.ts', 'auth', 'http', 'http/rest', 'http/server'],
    packages: ['hono', '@hono/zod-openapi'],
    why: 'a route reads the request and writes the answer: put the query into db or auth and call that',
  },
  {
    room: 'application.ts',
    imports: ['config', 'auth', 'db', 'jobs', 'http/routes'],
    why: 'the contract with src/app names types alone',
  },
  {
    room: 'migrate/sql',
    imports: [],
    why: 'the reader of SQL knows text alone: what it means belongs to migrate/lint/rules',
  },
  {
    room: 'migrate/lint/rules',
    imports: ['migrate/sql'],
    why: 'a rule judges one statement: files, git and squawk belong to migrate/lint',
  },
  {
    room: 'migrate',
    imports: ['errors.ts', 'postgres', 'db', 'migrate/sql', 'migrate/lint/rules'],
    packages: ['drizzle-orm', 'postgres'],
    why: 'migrate runs without the API and without the tools for developers',
  },
  {
    room: 'migrate/check',
    imports: migrations,
    why: 'check reads the folder and git: what judges SQL belongs to migrate/lint',
  },
  {
    room: 'migrate/lint',
    imports: [...migrations, 'migrate/lint/rules', 'migrate/check'],
    why: 'the linter reads files: what needs a server belongs to migrate/rehearse',
  },
  {
    room: 'migrate/backfill',
    imports: migrations,
    why: 'a backfill runs beside the migrations: it takes a session and plain values',
  },
  {
    room: 'migrate/command',
    imports: [...migrations, 'migrate/check', 'migrate/lint'],
    why: 'a verb of migrate returns its outcome: bin prints it and ends the process',
  },
  {
    room: 'migrate/rehearse',
    imports: [...migrations, 'migrate/backfill'],
    packages: ['postgres'],
    why: 'a rehearsal takes the address of a server: bin starts it',
  },
  {
    room: 'backup',
    imports: server,
    why: 'the root of backup is what each kind of backup needs: what knows a kind belongs to its folder',
  },
  {
    room: 'backup/encryption',
    imports: [...bottom, 'backup'],
    packages: ['zod'],
    why: 'encryption knows files and keys: what they hold belongs to portable or config-archive',
  },
  {
    room: 'backup/jobs',
    imports: [...bottom, 'backup'],
    packages: ['zod', 'croner'],
    why: 'jobs knows when and how often: the work of a job belongs to the folder of its kind',
  },
  {
    room: 'backup/portable',
    imports: [...server, 'backup', 'backup/encryption'],
    packages: ['zod'],
    why: 'portable is one kind of backup: what compares or schedules kinds belongs to list, drill or schedule',
  },
  {
    room: 'backup/continuous',
    imports: [...server, 'backup', 'backup/jobs'],
    packages: ['zod', 'postgres'],
    why: 'continuous is one kind of backup: what compares or schedules kinds belongs to list, drill or schedule',
  },
  {
    room: 'backup/offsite',
    imports: storedFiles,
    packages: ['zod'],
    why: 'offsite copies files that exist: it knows no server',
  },
  {
    room: 'backup/config-archive',
    imports: [...storedFiles, 'backup/encryption', 'backup/offsite'],
    packages: ['zod'],
    why: 'config-archive packs and copies the configuration: it knows no server',
  },
  {
    room: 'backup/list',
    imports: [...storedFiles, 'backup/continuous', 'backup/offsite', 'backup/config-archive'],
    why: 'list describes the stored backups: it changes nothing and knows no server',
  },
  {
    room: 'backup/restore',
    imports: [...server, 'backup', 'backup/encryption', 'backup/portable'],
    why: 'restore fills a database from a portable backup: the live switch belongs to ops, moments to continuous',
  },
  {
    room: 'backup/upgrade',
    imports: [...server, 'backup', 'backup/portable', 'backup/restore', 'backup/list'],
    packages: ['zod'],
    why: 'upgrade copies one cluster into a newer one: the live switch belongs to ops',
  },
  {
    room: 'backup/drill',
    imports: [...backups, 'backup/continuous', 'migrate'],
    packages: ['zod'],
    why: 'a drill proves a backup on a server of its own: it does not touch the live one',
  },
  {
    room: 'backup/schedule',
    imports: backups,
    why: 'a scheduled dump calls portable: other kinds have jobs in their own folders',
  },
  {
    room: 'bin/process',
    imports: ['errors.ts', 'telemetry', 'config', 'db', 'db/schema'],
    why: 'what every process needs knows none of them: put it beside the verbs that need it',
  },
  {
    room: 'bin/backup',
    imports: [...everyBackup, 'config', 'bin/process'],
    why: 'a verb of the backup takes its settings and calls backup',
  },
  {
    room: 'bin/migrate',
    imports: [...migrations, ...toolsOfMigrate, 'config', 'telemetry', 'bin/process'],
    packages: ['postgres'],
    why: 'a verb of migrate takes its settings and calls migrate',
  },
  {
    room: 'bin',
    imports: [
      ...everyBackup,
      ...migrations,
      ...web,
      'jobs',
      'config',
      ...toolsOfMigrate,
      'bin/process',
      'bin/backup',
      'bin/migrate',
    ],
    packages: ['postgres'],
    why: 'bin reads settings, opens resources and closes them: logic belongs to the room that it calls',
  },
]
