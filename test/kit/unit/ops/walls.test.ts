import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findWallFaults } from '../../../../ops/house/find-wall-faults.ts'
import { rooms } from '../../../../ops/house/rooms.ts'
import { fileThatMountsTheApp, type Room } from '../../../../ops/house/wall-rules.ts'

const fixtureRooms: Room[] = [
  { room: 'errors.ts', imports: [], packages: [], why: 'errors is the lowest' },
  { room: 'db', imports: ['errors.ts'], packages: ['postgres'], why: 'db knows no HTTP: pass a callback' },
  { room: 'http', imports: ['errors.ts', 'db'], packages: ['@hono/server'], why: 'http knows no SQL' },
  { room: 'http/routes', imports: ['http'], packages: [], why: 'routes are thin' },
  { room: 'bin/process', imports: ['http'], packages: [], why: 'a process starts' },
]

/** A tree without a fault, of which each case changes or adds a file. */
const cleanTree: Record<string, string> = {
  'package.json': JSON.stringify({
    type: 'module',
    imports: { '#kit/router': './src/kit/http/router.ts', '#app': { default: './src/app/app.ts' } },
  }),
  'src/kit/errors.ts': 'export class AppError extends Error {}\n',
  'src/kit/db/open.ts':
    "import postgres from 'postgres'\nimport { AppError } from '../errors.ts'\nexport const open = [postgres, AppError]\n",
  'src/kit/http/router.ts':
    "import '@hono/server'\nimport { open } from '../db/open.ts'\nexport const router = open\nexport type Router = typeof router\n",
  'src/kit/http/routes/me.ts': "import type { Router } from '../router.ts'\nexport type Me = Router\n",
  [fileThatMountsTheApp]: "import { app } from '../../../app/app.ts'\nexport const application = app\n",
  'src/app/app.ts': "import { router } from '#kit/router'\nexport const app = router\n",
  'src/app/parcels/proof.ts': 'export const proof = 1\n',
  'test/kit/drill.ts': "import { proof } from '../../src/app/parcels/proof.ts'\nexport const drill = proof\n",
  'test/kit/mounted.ts': "import { app } from '#app'\nexport const mounted = app\n",
  'test/app/app.test.ts': "import { app } from '../../src/app/app.ts'\nexport const tested = app\n",
  ...Object.fromEntries(
    ['postgres', '@hono/server', 'croner'].flatMap((name) => [
      [`node_modules/${name}/package.json`, `{ "name": "${name}", "main": "index.js" }`],
      [`node_modules/${name}/index.js`, ''],
    ]),
  ),
}

/** A file whose text is undefined is left out. */
async function faultsWith(changes: Record<string, string | undefined>): Promise<string[]> {
  const root = mkdtempSync(join(tmpdir(), 'slipway-walls-test-'))
  onTestFinished(() => rm(root, { recursive: true }))
  for (const [path, text] of Object.entries({ ...cleanTree, ...changes })) {
    if (text === undefined) continue
    mkdirSync(join(root, dirname(path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const faults = await findWallFaults(root, fixtureRooms)
  return faults.map(({ message, hint }) => `${message} | ${hint}`)
}

describe('walls', () => {
  it('let pass what the table permits', async () => {
    expect(await faultsWith({})).toEqual([])
  })

  it.each([
    [
      'a room that the table does not name',
      { 'src/kit/db/more.ts': "import { router } from '../http/router.ts'\nexport const more = router\n" },
      'src/kit/db/more.ts must not import src/kit/http/router.ts | db knows no HTTP: pass a callback',
    ],
    [
      'a type of a room that the table does not name',
      { 'src/kit/errors.ts': "import type { Me } from './http/routes/me.ts'\nexport type Broken = Me\n" },
      'src/kit/errors.ts must not import src/kit/http/routes/me.ts | errors is the lowest',
    ],
    [
      'a type inside a type',
      { 'src/kit/errors.ts': "export type Broken = import('./http/routes/me.ts').Me\n" },
      'src/kit/errors.ts must not import src/kit/http/routes/me.ts | errors is the lowest',
    ],
    [
      'a package that the table does not name',
      { 'src/kit/http/page.ts': "import postgres from 'postgres'\nexport const page = postgres\n" },
      'src/kit/http/page.ts must not import postgres | http knows no SQL',
    ],
    [
      'the application, in a room of the kit',
      { 'src/kit/http/page.ts': "import { app } from '../../app/app.ts'\nexport const page = app\n" },
      `src/kit/http/page.ts must not import src/app/app.ts | take it as an argument: ${fileThatMountsTheApp} alone hands the application to the kit`,
    ],
    [
      'the kit by its path, in the application',
      {
        'src/app/parcels/list.ts':
          "import { router } from '../../kit/http/router.ts'\nexport const list = router\n",
      },
      'src/app/parcels/list.ts must not import src/kit/http/router.ts | import a door of package.json (#kit/...); where none fits, add one there, with a comment in its file',
    ],
    [
      'HTTP in a verb of the application',
      { 'src/app/parcels/list.ts': "import '@hono/server'\nexport const list = 1\n" },
      'src/app/parcels/list.ts must not import @hono/server | verbs of a slice take the handle of the database first and throw an AppError: routes answer, the kit logs',
    ],
    [
      'SQL in a route of the application',
      { 'src/app/parcels/routes/list.ts': "import 'postgres'\nexport const list = 1\n" },
      'src/app/parcels/routes/list.ts must not import postgres | put the query into a verb of the slice and call that',
    ],
    [
      'a door, in the kit',
      { 'src/kit/http/page.ts': "import { router } from '#kit/router'\nexport const page = router\n" },
      'src/kit/http/page.ts must not import src/kit/http/router.ts | doors are for the application: import the file by its relative path',
    ],
    [
      'the application, in a test of the kit',
      { 'test/kit/a.test.ts': "import { app } from '../../src/app/app.ts'\nexport const a = app\n" },
      'test/kit/a.test.ts must not import src/app/app.ts | proofs take from proof.ts what they write, read and list; tests of the sample belong to test/app',
    ],
    [
      'a test, in src',
      {
        'src/app/parcels/list.ts':
          "import { drill } from '../../../test/kit/drill.ts'\nexport const list = drill\n",
      },
      'src/app/parcels/list.ts must not import test/kit/drill.ts | src is what ships: move what it needs into src/kit',
    ],
    [
      'what is not found',
      { 'src/app/parcels/list.ts': "import { none } from '#kit/none'\nexport const list = none\n" },
      'src/app/parcels/list.ts must not import #kit/none | npm ci, or correct the path: an import that is not found cannot be checked',
    ],
  ])('refuse %s', async (_, changes, fault) => {
    expect(await faultsWith(changes)).toContain(fault)
  })

  it('refuse a circle of modules, of types too', async () => {
    const faults = await faultsWith({
      'src/kit/db/one.ts': "import type { Two } from './two.ts'\nexport type One = Two | 1\n",
      'src/kit/db/two.ts': "import type { One } from './one.ts'\nexport type Two = One[]\n",
    })

    expect(faults).toEqual([
      expect.stringMatching(
        /^modules import each other in a circle: src\/kit\/db\/(one|two)\.ts -> .* \| move what both need/,
      ),
    ])
  })

  it('refuse two folders that import each other, though no module does', async () => {
    const faults = await faultsWith({
      'src/app/parcels/list.ts': "import { model } from './model/parcel.ts'\nexport const list = model\n",
      'src/app/parcels/page.ts': 'export const page = 1\n',
      'src/app/parcels/model/parcel.ts': 'export const model = 1\n',
      'src/app/parcels/model/paged.ts': "import { page } from '../page.ts'\nexport const paged = page\n",
    })

    expect(faults).toEqual([
      expect.stringMatching(
        /^two folders import each other: src\/app\/parcels\/list\.ts -> src\/app\/parcels\/model\/parcel\.ts, and /,
      ),
    ])
  })

  it('name the line to add for a folder of the kit that is in no room', async () => {
    const faults = await faultsWith({
      'src/kit/mail/send.ts':
        "import 'croner'\nimport { AppError } from '../errors.ts'\nexport const send = AppError\n",
    })

    expect(faults).toEqual([
      "src/kit/mail is in no room | add to ops/house/rooms.ts: { room: 'mail', imports: ['errors.ts'], packages: ['croner'], why: '...' }",
    ])
  })

  it('refuse a line of the table whose room has no file', async () => {
    expect(await faultsWith({ 'src/kit/http/routes/me.ts': undefined })).toEqual([
      'the room http/routes has no file | remove its line from ops/house/rooms.ts',
    ])
  })

  it('refuse a folder of src that belongs to neither owner', async () => {
    expect(await faultsWith({ 'src/lib/a.ts': 'export const a = 1\n' })).toEqual([
      'src/lib is in no room | src has two owners: move it into src/app, or into a room of src/kit',
    ])
  })

  it('refuse doors that open no file or a whole folder', async () => {
    const imports = {
      '#app': './src/app/app.ts',
      '#kit/router': './src/kit/http/router.ts',
      '#kit/gone': './src/kit/gone.ts',
      '#kit/*': './src/kit/*',
    }
    const faults = await faultsWith({ 'package.json': JSON.stringify({ type: 'module', imports }) })

    expect(faults).toEqual([
      'package.json: the door #kit/gone leads to ./src/kit/gone.ts | a door names one file that exists',
      'package.json: the door #kit/* leads to ./src/kit/* | a door names one file that exists',
    ])
  })
})

describe('the table of rooms', () => {
  it('stands in layers: each room imports rooms further up alone', () => {
    for (const [index, { room, imports }] of rooms.entries()) {
      const above = rooms.slice(0, index).map((each) => each.room)
      expect(
        imports.filter((each) => !above.includes(each)),
        room,
      ).toEqual([])
    }
  })
})
