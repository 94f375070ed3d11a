import { cruise, type IForbiddenRuleType, type IModule, type IViolation } from 'dependency-cruiser'
import { dirname, resolve } from 'node:path'

export interface ModuleGraph {
  modules: IModule[]
  violations: IViolation[]
}

/**
 * Reads the imports of every module below `folders` of `root`, type imports included, and holds them against the rules.
 * Imports of npm packages are in the graph; the packages' own modules are not followed.
 */
export async function readModuleGraph(
  root: string,
  folders: string[],
  forbidden: IForbiddenRuleType[],
): Promise<ModuleGraph> {
  const { output } = await cruise(folders, {
    baseDir: resolve(root),
    validate: true,
    ruleSet: { forbidden },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
    },
  })
  if (typeof output === 'string') throw new Error(output)
  return { modules: output.modules, violations: output.summary.violations }
}

export const noCycle: IForbiddenRuleType = {
  name: 'cycle',
  severity: 'error',
  from: {},
  to: { circular: true },
}

/** Each cycle once, as the paths of its modules in order; dependency-cruiser reports it for every import in it. */
export function cyclesIn(violations: IViolation[]): string[][] {
  const cycles = violations
    .filter(({ rule }) => rule.name === noCycle.name)
    .map(({ from, cycle = [] }) => [from, ...cycle.map(({ name }) => name).filter((name) => name !== from)])
  return [...new Map(cycles.map((paths) => [paths.toSorted().join('\n'), paths])).values()]
}

export interface FolderImport {
  from: string
  to: string
}

/** A file of src/kit itself, such as errors.ts, stands for a folder of its own. */
function folderOf(path: string): string {
  return dirname(path) === 'src/kit' ? path : dirname(path)
}

/** The pairs of folders that import each other, each with one import in either direction. */
export function mutualPairs(modules: IModule[]): [FolderImport, FolderImport][] {
  const imports = new Map<string, FolderImport>()
  for (const { source, dependencies } of modules)
    for (const { resolved } of dependencies)
      imports.set(`${folderOf(source)} ${folderOf(resolved)}`, { from: source, to: resolved })
  return [...imports.values()].flatMap((one): [FolderImport, FolderImport][] => {
    const [from, to] = [folderOf(one.from), folderOf(one.to)]
    const back = imports.get(`${to} ${from}`)
    return back !== undefined && from < to ? [[one, back]] : []
  })
}
