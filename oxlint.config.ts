import { defineConfig } from 'oxlint'

// Who may import whom stands in ops/house/rooms.ts and is checked by ops/walls.ts.

const processBelongsToBin = [
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

/** A constant keeps its arrow where it carries a type. */
const functionsAreDeclared = {
  selector:
    ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator[init.type="ArrowFunctionExpression"]:not([id.typeAnnotation])',
  message: 'Declare it: function name() {}.',
}

/** Beyond the category `correctness`. */
const moreRules = [
  'no-array-constructor',
  'no-case-declarations',
  'no-empty',
  'no-fallthrough',
  'no-prototype-builtins',
  'no-regex-spaces',
  'no-unexpected-multiline',
  'no-useless-assignment',
  'no-useless-constructor',
  'no-var',
  'prefer-const',
  'prefer-rest-params',
  'prefer-spread',
  'preserve-caught-error',
  'typescript/ban-ts-comment',
  'typescript/consistent-type-imports',
  'typescript/no-deprecated',
  'typescript/no-dynamic-delete',
  'typescript/no-empty-object-type',
  'typescript/no-explicit-any',
  'typescript/no-extraneous-class',
  'typescript/no-generated-empty-object-type',
  'typescript/no-invalid-void-type',
  'typescript/no-misused-promises',
  'typescript/no-mixed-enums',
  'typescript/no-namespace',
  'typescript/no-non-null-asserted-nullish-coalescing',
  'typescript/no-non-null-assertion',
  'typescript/no-require-imports',
  'typescript/no-unnecessary-boolean-literal-compare',
  'typescript/no-unnecessary-condition',
  'typescript/no-unnecessary-template-expression',
  'typescript/no-unnecessary-type-arguments',
  'typescript/no-unnecessary-type-assertion',
  'typescript/no-unnecessary-type-constraint',
  'typescript/no-unnecessary-type-conversion',
  'typescript/no-unnecessary-type-parameters',
  'typescript/no-unsafe-argument',
  'typescript/no-unsafe-assignment',
  'typescript/no-unsafe-call',
  'typescript/no-unsafe-enum-comparison',
  'typescript/no-unsafe-function-type',
  'typescript/no-unsafe-member-access',
  'typescript/no-unsafe-return',
  'typescript/only-throw-error',
  'typescript/prefer-literal-enum-member',
  'typescript/prefer-promise-reject-errors',
  'typescript/prefer-reduce-type-parameter',
  'typescript/prefer-return-this-type',
  'typescript/related-getter-setter-pairs',
  'typescript/require-await',
  'typescript/unified-signatures',
  'typescript/use-unknown-in-catch-callback-variable',
]

function lines(max: number) {
  return { max, skipBlankLines: true, skipComments: true }
}

export default defineConfig({
  ignorePatterns: ['ops/lint/', 'dist/', '.data/', 'migrations/', 'coverage/'],
  plugins: ['typescript'],
  jsPlugins: ['./ops/lint/forbidden.js'],
  options: { typeAware: true },
  categories: { correctness: 'error' },
  rules: {
    ...Object.fromEntries(moreRules.map((rule) => [rule, 'error' as const])),
    'typescript/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    'typescript/restrict-plus-operands': [
      'error',
      {
        allowNumberAndString: false,
        allowBoolean: false,
        allowNullish: false,
        allowRegExp: false,
        allowAny: false,
      },
    ],
    'typescript/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    'typescript/return-await': ['error', 'error-handling-correctness-only'],
    'max-lines-per-function': ['error', lines(40)],
    'max-lines': ['error', lines(250)],
    'forbidden/syntax': ['error', functionsAreDeclared],
  },
  overrides: [
    {
      files: ['test/**/*.ts', 'bench/**/*.ts'],
      rules: { 'max-lines-per-function': 'off', 'max-lines': ['error', lines(350)] },
    },
    {
      files: ['src/kit/bin/**/*.ts'],
      rules: { 'forbidden/syntax': ['error', functionsAreDeclared, driverPastTheGuard] },
    },
    {
      files: ['src/**/*.ts'],
      excludeFiles: ['src/kit/bin/**'],
      rules: {
        'forbidden/syntax': ['error', functionsAreDeclared, ...processBelongsToBin, driverPastTheGuard],
      },
    },
    {
      files: ['src/{kit/http,kit/auth,app}/**/*.ts'],
      rules: {
        'forbidden/syntax': [
          'error',
          functionsAreDeclared,
          ...processBelongsToBin,
          driverPastTheGuard,
          transactionsBelongToTransact,
        ],
      },
    },
  ],
})
