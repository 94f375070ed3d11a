import { setTimeout as wait } from 'node:timers/promises'
import { until } from '../../support/until.ts'
import { whyNoMount, type SmallVolume } from '../small-volume.ts'
import type { Stage } from '../stage.ts'
import { holdMs, type Fault } from './fault.ts'

function volumesOf({ volumes }: Stage): { data: SmallVolume; wal: SmallVolume } {
  if (volumes === undefined) throw new Error('this stage has no volumes of its own')
  return volumes
}

function isDiskFull(err: unknown): boolean {
  return (err as { code?: string }).code === '53100'
}

/** Tables have room in their last pages, so that writes go on for a moment. */
function untilRefused(stage: Stage): Promise<true> {
  return until('a write is refused with 53100', () =>
    stage.admin`insert into drill_padding select repeat('x', 4000) from generate_series(1, 100)`.then(
      () => undefined,
      (err: unknown) => isDiskFull(err) || undefined,
    ),
  )
}

async function fillData(stage: Stage): Promise<void> {
  const { data } = volumesOf(stage)
  await stage.admin`create table if not exists drill_padding (padding text)`
  try {
    data.fill()
    await untilRefused(stage)
    await wait(holdMs)
  } finally {
    data.free()
  }
  await stage.admin`truncate drill_padding`
}

function startFails(stage: Stage): Promise<boolean> {
  return stage.postgres.start().then(
    () => false,
    () => true,
  )
}

/** The server needs a new WAL segment, gets none, panics, and does not come back before there is room. */
async function fillWal(stage: Stage): Promise<void> {
  const { wal } = volumesOf(stage)
  const ended = stage.postgres.ended().then(() => true)
  try {
    wal.fill()
    await until(
      'the server has ended',
      () =>
        Promise.race([
          ended,
          stage.admin`select pg_switch_wal()`.then(
            () => false,
            () => false,
          ),
        ]),
      { deadlineMs: 30_000 },
    )
    await wait(holdMs)
    if (!(await startFails(stage))) throw new Error('the server started without room for its WAL')
  } finally {
    wal.free()
  }
  await stage.postgres.start()
}

export const diskFaults: readonly Fault[] = [
  { name: 'data volume full for 3 s (53100)', needs: 'small volumes', missing: whyNoMount, run: fillData },
  {
    name: 'WAL volume full: panic, then room is made',
    needs: 'small volumes',
    missing: whyNoMount,
    isAway: true,
    run: fillWal,
  },
]
