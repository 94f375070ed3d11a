import type { DependencyType, IForbiddenRuleType } from 'dependency-cruiser'
import { noCycle } from './module-graph.ts'
import { descriptionsForProofs, fileThatMountsTheApp, type Room } from './rooms.ts'

/** Expression for the modules of a room, without those of folders in it. */
export const roomPath = (room: string): string => `^src/kit/${room}(\\.ts$|/[^/]+$)`

/** The npm package of a resolved path: `hono` for node_modules/hono/dist/index.js. */
export function packageOf(path: string): string | undefined {
  return /(?:^|\/)node_modules\/(?:@types\/)?((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]
}

/** The rules for dependency-cruiser; the `comment` of each says where the line belongs instead. */
export function wallRules(rooms: Room[]): IForbiddenRuleType[] {
  return [...rooms.flatMap(rulesOfRoom), ...betweenOwners, noCycle]
}

function rulesOfRoom({ room, imports, packages, why }: Room): IForbiddenRuleType[] {
  const common = { severity: 'error', comment: why, from: { path: roomPath(room) } } as const
  const allowed = packages.map((name) => `(^|/)node_modules/(|@types/)${name}/`)
  return [
    { ...common, name: room, to: { path: '^src/kit/', pathNot: [room, ...imports].map(roomPath) } },
    { ...common, name: `${room}, packages`, to: { path: '(^|/)node_modules/', pathNot: allowed } },
  ]
}

const door: DependencyType[] = ['aliased-subpath-import']

const betweenOwners: IForbiddenRuleType[] = [
  {
    name: 'application past the doors',
    severity: 'error',
    comment:
      'import a door of package.json (#kit/...); where none fits, add one there, with a comment in its file',
    from: { path: '^src/app/' },
    to: { path: '^src/kit/', dependencyTypesNot: door },
  },
  {
    name: 'kit through a door',
    severity: 'error',
    comment: 'doors are for the application: import the file by its relative path',
    from: { path: '^src/kit/' },
    to: { path: '^src/kit/', dependencyTypes: door },
  },
  {
    name: 'kit knows the application',
    severity: 'error',
    comment: `take it as an argument: ${fileThatMountsTheApp} alone hands the application to the kit`,
    from: { path: '^src/kit/', pathNot: `^${fileThatMountsTheApp}$` },
    to: { path: '^src/app/' },
  },
  {
    name: 'proofs know the application',
    severity: 'error',
    comment:
      'proofs take from proof.ts what they write, read and list; tests of the sample belong to test/app',
    from: { path: '^(test/(?!app/)|bench/|ops/)' },
    to: { path: '^src/app/', pathNot: descriptionsForProofs },
  },
  {
    name: 'src imports what does not ship',
    severity: 'error',
    comment: 'src is what ships: move what it needs into src/kit',
    from: { path: '^src/' },
    to: { path: '^(test|bench|ops)/' },
  },
  {
    name: 'not found',
    severity: 'error',
    comment: 'npm ci, or correct the path: what is not found is not checked',
    from: {},
    to: { couldNotResolve: true },
  },
]
