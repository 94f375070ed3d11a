import { cruise, type IForbiddenRuleType, type IModule, type IViolation } from 'dependency-cruiser'
import { dirname } from 'node:path'

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
    baseDir: root,
    validate: true,
    ruleSet: { forbidden },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
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

/** The pairs of folders that import each other, each with one import in either direction. */
export function mutualPairs(modules: IModule[]): [FolderImport, FolderImport][] {
  const imports = new Map<string, FolderImport>()
  for (const { source, dependencies } of modules)
    for (const { resolved } of dependencies)
      imports.set(`${dirname(source)} ${dirname(resolved)}`, { from: source, to: resolved })
  return [...imports.values()].flatMap((one): [FolderImport, FolderImport][] => {
    const [from, to] = [dirname(one.from), dirname(one.to)]
    const back = imports.get(`${to} ${from}`)
    return back !== undefined && from < to ? [[one, back]] : []
  })
}
