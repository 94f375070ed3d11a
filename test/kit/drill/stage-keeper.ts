import { proof } from '#app/proof'
import { plainLaunch } from './api-launch.ts'
import { leaked } from './compare-ledger.ts'
import type { Fault } from './faults/fault.ts'
import { openStage, type Stage } from './stage.ts'
import { compareStored, countRows, countStrangers } from './stored-rows.ts'
import { createUndoStack, type UndoStack } from './undo-stack.ts'

/** Holds one stage at a time, of the kind that a fault needs. */
export interface StageKeeper {
  stageFor: (fault: Fault) => Promise<Stage>
  /** Looks at everything once more that was written on the stage, then closes it. Says what is wrong. */
  retire: () => Promise<string[]>
  /** Closes it without a look, on any end and at any moment. */
  close: () => Promise<void>
}

/** A later fault must not undo what an earlier one left whole. */
async function lookOnceMore(stage: Stage): Promise<string[]> {
  const wrong: string[] = []
  for (const ledger of stage.ledgers) {
    const found = await compareStored(stage.admin, ledger)
    if (found.lost + leaked(found) > 0)
      wrong.push(`${stage.kind}: ${ledger.name} at the end: ${JSON.stringify(found)}`)
  }
  const rows = await countRows(stage.admin)
  process.stderr.write(`${stage.kind}: ${rows} rows of ${proof.row.table} at the end\n`)
  const strangers = await countStrangers(
    stage.admin,
    stage.ledgers.map(({ name }) => name),
  )
  if (strangers > 0) wrong.push(`${stage.kind}: ${strangers} rows that nobody wrote`)
  return wrong
}

interface Current {
  undo: UndoStack
  opening: Promise<Stage>
  /** Once it is open. */
  stage: Stage | undefined
}

export function createStageKeeper(): StageKeeper {
  let current: Current | undefined
  const close = async (): Promise<void> => {
    if (current === undefined) return
    const { undo, opening } = current
    await undo.close()
    // What was being opened meets the closed stack, and is taken back by it.
    await opening.catch(() => undefined)
    await undo.close()
    current = undefined
  }
  const retire = async (): Promise<string[]> => {
    const wrong = current?.stage === undefined ? [] : await lookOnceMore(current.stage)
    await close()
    return wrong
  }
  const open = async (kind: Stage['kind']): Promise<Stage> => {
    await close()
    const undo = createUndoStack()
    // Known before it is open: an interrupt half-way must find what stands already.
    const opening = openStage({ kind, undo })
    const opened: Current = { undo, opening, stage: undefined }
    current = opened
    opened.stage = await opening
    return opened.stage
  }
  const stageFor = async (fault: Fault): Promise<Stage> => {
    const kind = fault.needs ?? 'plain'
    const stage = current?.stage?.kind === kind ? current.stage : await open(kind)
    const launch = (await fault.launch?.(stage)) ?? plainLaunch
    if (stage.launch.name !== launch.name) await stage.restartApi(launch)
    return stage
  }
  return { stageFor, retire, close }
}
