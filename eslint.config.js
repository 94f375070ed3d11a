import eslint from '@eslint/js'
import tseslint from 'typescript-eslint'

// Who may import whom stands in ops/house/rooms.ts and is checked by ops/walls.ts.

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
)
