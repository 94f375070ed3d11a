import eslint from '@eslint/js'
import tseslint from 'typescript-eslint'

/** Rooms that may not be entered from `room`, with the sentence that says why and where the line belongs instead. */
const wall = (room, message, { packages = [], rooms = [] }) => ({
  files: [`src/kit/${room}/**/*.ts`],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          ...(packages.length > 0 ? [{ regex: `^(${packages.join('|')})($|/)`, message }] : []),
          ...(rooms.length > 0
            ? [{ regex: `^\\.\\./(\\.\\./)*(${rooms.join('|')})(/|\\.ts$)`, message }]
            : []),
        ],
      },
    ],
  },
})

const processBelongsToBin = [
  'error',
  {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: 'src/kit/bin alone reads the environment: take a plain value as an argument instead.',
  },
  {
    selector: "CallExpression[callee.object.name='process'][callee.property.name=/^(exit|on|once)$/]",
    message: 'src/kit/bin alone ends the process and hears signals: throw, or return a value.',
  },
  {
    selector: "CallExpression[callee.property.name='listen']",
    message: 'src/kit/bin alone opens listeners: return the server and let the entry point listen.',
  },
]

const transactionsBelongToTransact = {
  selector:
    'CallExpression[callee.property.name=/^(transaction|begin)$/][callee.object.name=/^(db|database|sql)$/]',
  message:
    'src/kit/db/transact.ts alone begins transactions: it refuses nesting and foreign awaits. Call transact.',
}

const driverPastTheGuard = {
  selector:
    'CallExpression[callee.property.name=/^(reserve|listen|subscribe|cursor)$/][callee.object.name=/^(db|database|sql|client|session|tx)$/]',
  message:
    'It passes by the places and deadlines of src/kit/db: use transact, or openSession where one session must last.',
}

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.data/', 'migrations/', 'coverage/'] },
  eslint.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js'] } } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ['eslint.config.js'], ...tseslint.configs.disableTypeChecked },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'max-lines': ['error', { max: 350, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ['src/kit/bin/**/*.ts'], rules: { 'no-restricted-syntax': ['error', driverPastTheGuard] } },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/kit/bin/**'],
    rules: { 'no-restricted-syntax': [...processBelongsToBin, driverPastTheGuard] },
  },
  {
    files: ['src/{kit/http,kit/auth,app}/**/*.ts'],
    rules: {
      'no-restricted-syntax': [...processBelongsToBin, driverPastTheGuard, transactionsBelongToTransact],
    },
  },
  wall(
    'http',
    'http speaks HTTP only: put the query into a domain verb (src/travel, src/kit/auth) and call that.',
    {
      packages: ['drizzle-orm', 'postgres', 'prom-client'],
      rooms: ['db', 'config', 'bin', 'migrate', 'backup'],
    },
  ),
  wall('../app', 'a domain room knows no HTTP, no logger and no other door than db and errors.', {
    packages: ['hono', '@hono', 'pino', 'prom-client', 'postgres'],
    rooms: ['http', 'config', 'bin', 'migrate', 'backup', 'telemetry', 'auth'],
  }),
  wall('auth', 'a domain room knows no HTTP, no logger and no other door than db and errors.', {
    packages: ['hono', '@hono', 'pino', 'prom-client', 'postgres'],
    rooms: ['http', 'config', 'bin', 'migrate', 'backup', 'telemetry', 'travel'],
  }),
  wall('db', 'db is the lowest room: it knows neither the domain nor HTTP. Pass a callback in instead.', {
    packages: ['hono', '@hono', 'pino', 'prom-client', 'better-auth'],
    rooms: ['http', 'config', 'bin', 'migrate', 'backup', 'telemetry', 'auth', 'travel'],
  }),
  wall('migrate', 'migrate runs without the API: it may use db, telemetry and errors.', {
    packages: ['hono', '@hono', 'better-auth'],
    rooms: ['http', 'config', 'bin', 'auth', 'travel', 'backup'],
  }),
  wall('backup', 'backup runs without the API: it may use db, migrate, telemetry and errors.', {
    packages: ['hono', '@hono', 'better-auth'],
    rooms: ['http', 'config', 'bin', 'auth', 'travel'],
  }),
  wall('telemetry', 'telemetry sits beneath every room and imports none.', {
    packages: ['hono', '@hono', 'drizzle-orm', 'postgres'],
    rooms: ['http', 'config', 'bin', 'auth', 'travel', 'db', 'migrate', 'backup'],
  }),
  wall('config', 'config is a table and a parser: it imports no other room.', {
    packages: ['hono', '@hono', 'drizzle-orm', 'postgres', 'pino', 'prom-client'],
    rooms: ['http', 'bin', 'auth', 'travel', 'db', 'migrate', 'backup', 'telemetry'],
  }),
)
