import type { DependencyType, IForbiddenRuleType } from 'dependency-cruiser'
import { noCycle } from './module-graph.ts'

export interface Room {
  /** Folder below src/kit, or a file there; the folders in it are rooms of their own. */
  room: string
  /** Rooms that it may import. Each stands further up in the table. */
  imports: string[]
  /** npm packages that it may import; none where absent. */
  packages?: string[]
  /** Why no more, and where the line belongs instead. */
  why: string
}

/** The one file of the kit that imports src/app. */
export const fileThatMountsTheApp = 'src/kit/bin/process/mounted-application.ts'

/** Files of the application that the proofs import: how a row of it is written, read and listed. */
export const descriptionsForProofs = '^src/app/(|.+/)proof\\.ts$'

/** Expression for the modules of a room, without those of folders in it. */
export function roomPath(room: string): string {
  return room.endsWith('.ts') ? `^src/kit/${room}$` : `^src/kit/${room}/[^/]+$`
}

/** The npm package of a resolved path: `hono` for node_modules/hono/dist/index.js. */
export function packageOf(path: string): string | undefined {
  return /(?:^|\/)node_modules\/(?:@types\/)?((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]
}

/** The rules for dependency-cruiser; the `comment` of each says where the line belongs instead. */
export function wallRules(rooms: Room[]): IForbiddenRuleType[] {
  return [...rooms.flatMap(rulesOfRoom), ...betweenOwners, noCycle]
}

function rulesOfRoom({ room, imports, packages = [], why }: Room): IForbiddenRuleType[] {
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
    name: 'verbs of the application speak HTTP',
    severity: 'error',
    comment:
      'verbs of a slice take the handle of the database first and throw an AppError: routes answer, the kit logs',
    from: { path: '^src/app/[^/]+/[^/]+$' },
    to: { path: 'node_modules/(hono|@hono|pino|prom-client|postgres)/' },
  },
  {
    name: 'routes of the application speak SQL',
    severity: 'error',
    comment: 'put the query into a verb of the slice and call that',
    from: { path: '^src/app/[^/]+/routes/' },
    to: { path: 'node_modules/(drizzle-orm|postgres|prom-client)/' },
  },
  {
    name: 'proofs know the application',
    severity: 'error',
    comment:
      'proofs take from proof.ts what they write, read and list; tests of the sample belong to test/app',
    from: { path: '^(test/(?!app/)|bench/|ops/)' },
    // `#app` is the application that is mounted, whichever that is.
    to: { path: '^src/app/', pathNot: descriptionsForProofs, dependencyTypesNot: door },
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
    comment: 'npm ci, or correct the path: an import that is not found cannot be checked',
    from: {},
    to: { couldNotResolve: true },
  },
]
