/**
 * Breaks backups and restores, fault by fault, and prints what looked good and was not, and whether live data changed. Exit
 * code 1 when anything is not as it has to be.
 *   node test/kit/drill/backups/drill-backups.ts [--runs=10] [--only='restore'] [--seed=7]
 */
import { cpus, loadavg } from 'node:os'
import { inspect, parseArgs } from 'node:util'
import { openBundles } from '../../support/bundles.ts'
import { closeOnSignal } from '../close-on-signal.ts'
import { openScratchFolder } from '../scratch-folder.ts'
import { judgeBackups, mergeBackupRows, type BackupRow } from './backup-row.ts'
import { allGroups, type Group } from './groups.ts'
import { backupTableHead, backupTableRow } from './print-backup-table.ts'

interface Options {
  runs: number
  only: string
  seed: number
}

function say(line: string): void {
process.stdout.write(`${line}\n`)
}

function readOptions(): Options {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ options: { runs: text, only: text, seed: text } })
  return {
    runs: Number(values.runs ?? 2),
    only: values.only ?? '',
    seed: Number(values.seed ?? Math.floor(Math.random() * 1_000_000)),
  }
}

type Run = Awaited<ReturnType<Group['open']>>['faults'][number]

async function runOften(fault: Run, { runs, seed }: Options): Promise<string[]> {
  const rows: BackupRow[] = []
  for (let run = 0; run < (fault.isRandom ? runs : 1); run += 1) rows.push(await fault.run({ seed, run }))
  const [first, ...others] = rows
  if (first === undefined) return [`${fault.name}: was not run`]
  const row = mergeBackupRows(first, ...others)
  say(backupTableRow(row))
  return judgeBackups(row).map((sentence) => `${fault.name}: ${sentence}`)
}

/** One that cannot be run through is wrong as well, and no reason to leave out the others of other groups. */
async function drillGroup(group: Group, scratch: string, options: Options): Promise<string[]> {
  const wanted = group.names.filter((name) => name.includes(options.only))
  if (wanted.length === 0) return []
  const wrong: string[] = []
  const stage = await group.open(scratch)
  let current = 'at the begin'
  try {
    for (const fault of stage.faults.filter(({ name }) => wanted.includes(name))) {
      current = fault.name
      wrong.push(...(await runOften(fault, options)))
    }
    current = 'at the end'
  } catch (err) {
    say(`| ${current}: could not be run through`)
    wrong.push(`${current}: ${inspect(err)}`)
  } finally {
    await stage.close()
  }
  return wrong
}

async function main(): Promise<void> {
  const options = readOptions()
  await openBundles()
  const scratch = await openScratchFolder()
  // Everything that is opened below is in it: what is left of an interrupted run goes with it.
  process.env['TMPDIR'] = scratch.path
  closeOnSignal({ close: () => Promise.resolve().then(scratch.remove) })
  say(`seed ${options.seed}, Node ${process.version}, ${cpus().length} cores, load average ${loadavg()[0]?.toFixed(1)}`)
  const { groups, leftOut } = allGroups()
  for (const line of leftOut) say(`left out: ${line}`)
  say(backupTableHead())
  const wrong: string[] = []
  for (const group of groups) wrong.push(...(await drillGroup(group, scratch.path, options)))
  scratch.remove()
  for (const sentence of wrong) process.stderr.write(`error: ${sentence}\n`)
  if (wrong.length === 0) return
  process.stderr.write(`hint: run it alone: make drill BACKUPS=1 SEED=${options.seed} ONLY='NAME'\n`)
  process.exitCode = 1
}

await main()
