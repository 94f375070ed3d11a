import type { IModule, IViolation } from 'dependency-cruiser'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cyclesIn, mutualPairs, noCycle, readModuleGraph } from './module-graph.ts'
import { packageOf, roomPath, wallRules, type Room } from './wall-rules.ts'

export interface WallFault {
  message: string
  hint: string
}

const table = 'ops/house/rooms.ts'

/** Holds the imports of the checkout at `root` against the table of rooms. */
export async function findWallFaults(root: string, rooms: Room[]): Promise<WallFault[]> {
  const folders = ['src', 'test', 'bench', 'ops'].filter((folder) => existsSync(join(root, folder)))
  const rules = wallRules(rooms)
  const { modules, violations } = await readModuleGraph(root, folders, rules)
  const inSource = modules.filter(({ source }) => source.startsWith('src/'))
  const hints = new Map(rules.map(({ name, comment }) => [name, comment]))
  return [
    ...foldersWithoutRoom(inSource, rooms),
    ...roomsWithoutFile(inSource, rooms),
    ...violations
      .filter(({ rule }) => rule.name !== noCycle.name)
      .map(({ from, to, rule }) => ({
        message: `${from} must not import ${packageOf(to) ?? to}`,
        hint: hints.get(rule.name) ?? '',
      })),
    ...cycles(violations),
    ...pairs(inSource),
    ...(await brokenDoors(root)),
  ]
}

function foldersWithoutRoom(modules: IModule[], rooms: Room[]): WallFault[] {
  const known = new RegExp(['^src/app/', ...rooms.map(({ room }) => roomPath(room))].join('|'))
  const strangers = Object.groupBy(
    modules.filter(({ source }) => !known.test(source)),
    ({ source }) => dirname(source),
  )
  return Object.entries(strangers).map(([folder, files = []]) => ({
    message: `${folder} is in no room`,
    hint: folder.startsWith('src/kit/')
      ? `add to ${table}: ${lineFor(folder, files, rooms)}`
      : 'src has two owners: move it into src/app, or into a room of src/kit',
  }))
}

/** The line that permits what the folder imports today, for its author to judge and to complete. */
function lineFor(folder: string, files: IModule[], rooms: Room[]): string {
  const targets = files.flatMap(({ dependencies }) => dependencies.map(({ resolved }) => resolved))
  const imported = rooms.filter(({ room }) => targets.some((path) => new RegExp(roomPath(room)).test(path)))
  const packages = new Set(targets.flatMap((path) => packageOf(path) ?? []))
  const quoted = (names: string[]): string => `[${names.map((name) => `'${name}'`).join(', ')}]`
  const imports = quoted(imported.map(({ room }) => room))
  return `{ room: '${folder.replace('src/kit/', '')}', imports: ${imports}, packages: ${quoted([...packages])}, why: '...' }`
}

function roomsWithoutFile(modules: IModule[], rooms: Room[]): WallFault[] {
  return rooms
    .filter(({ room }) => !modules.some(({ source }) => new RegExp(roomPath(room)).test(source)))
    .map(({ room }) => ({ message: `the room ${room} has no file`, hint: `remove its line from ${table}` }))
}

function cycles(violations: IViolation[]): WallFault[] {
  return cyclesIn(violations).map((paths) => ({
    message: `modules import each other in a circle: ${[...paths, ...paths.slice(0, 1)].join(' -> ')}`,
    hint: 'move what both need, types included, into a file that imports neither',
  }))
}

function pairs(modules: IModule[]): WallFault[] {
  return mutualPairs(modules).map(([one, back]) => ({
    message: `two folders import each other: ${one.from} -> ${one.to}, and ${back.from} -> ${back.to}`,
    hint: 'move one of these files to the room where it belongs, or pass a plain value instead',
  }))
}

/** Doors that open no file, and patterns, which would open a whole folder. */
async function brokenDoors(root: string): Promise<WallFault[]> {
  const { imports = {} } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    imports?: Record<string, string | Record<string, string>>
  }
  return Object.entries(imports)
    .flatMap(([name, target]) =>
      Object.values(typeof target === 'string' ? [target] : target).map((path) => [name, path] as const),
    )
    .filter(([, path]) => path.includes('*') || !existsSync(join(root, path)))
    .map(([name, path]) => ({
      message: `package.json: the door ${name} leads to ${path}`,
      hint: 'a door names one file that exists',
    }))
}
