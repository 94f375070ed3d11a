import { wrongArguments } from '../process/define-verb.ts'

/** Throws when --porcelain, the form of a plan for scripts, stands without --dry-run. */
export function requireDryRun(values: { 'dry-run': boolean; porcelain: boolean }): void {
  if (values.porcelain && !values['dry-run']) throw wrongArguments('--porcelain goes with --dry-run')
}
