import { requireFolder } from '../../backup/backups-folder.ts'
import { checkCopies, type CheckedCopy } from '../../backup/offsite/check-copies.ts'
import { renderCopies } from '../../backup/offsite/copies-text.ts'
import { fetchBackup } from '../../backup/offsite/fetch-backup.ts'
import { listCopies } from '../../backup/offsite/list-copies.ts'
import { notConfigured } from '../../backup/offsite/offsite-fault.ts'
import type { OffsitePlace } from '../../backup/offsite/offsite-settings.ts'
import { readKnownCopies } from '../../backup/offsite/offsite-state.ts'
import { runCopies } from '../../backup/offsite/run-copies.ts'
import { defineVerb, wrongArguments } from '../process/define-verb.ts'
import { readableBytes } from '../../host/list-text.ts'
import { noteRun } from '../../backup/jobs/note-run.ts'
import type { BackupContext } from './backup-context.ts'
import { abortOnSignal } from '../process/abort-on-signal.ts'

type Action = (context: BackupContext, place: OffsitePlace, name: string | undefined) => Promise<void>

const copy: Action = async ({ settings, say, print }, place) => {
  const { keep, progress } = settings
  const request = { keep, progress, limit: Number.POSITIVE_INFINITY, signal: abortOnSignal() }
  const { copied, pruned, pruneFault } = await noteRun(place.backupsFolder, 'offsite_copy', () =>
    runCopies(place, request),
  )
  for (const name of pruned) say(`removed ${name} off-site, as the BACKUP_KEEP_ counts say`)
  for (const { name, bytes } of copied) print(`${name}: copied and read back, ${readableBytes(bytes)}`)
  if (copied.length === 0) print('every backup has a copy that was read back')
  if (pruneFault !== undefined) throw pruneFault
}

const fetch: Action = async ({ settings, say, print }, place, name = 'latest') => {
  const { progress } = settings
  const fetched = await fetchBackup(place, name, { progress, signal: abortOnSignal() })
  say(fetched.wasHere ? 'it is here already, and right' : 'fetched, every byte as it was sent')
  print(fetched.name)
}

const check: Action = async ({ print }, place, name) => {
  const report = ({ name: copied, bytes, fault }: CheckedCopy): void =>
    print(fault ?? `${copied}: every byte is what was sent, ${readableBytes(bytes)}`)
  await checkCopies(place, { name, report, signal: abortOnSignal() })
}

const list: Action = async ({ print }, { offsite: storage, backupsFolder }) => {
  const copies = await listCopies(storage, abortOnSignal())
  print(renderCopies(copies, await readKnownCopies(backupsFolder, storage), new Date()))
}

const actions: Record<string, { names: number; needsName?: true; run: Action }> = {
  copy: { names: 0, run: copy },
  check: { names: 1, run: check },
  list: { names: 0, run: list },
  fetch: { names: 1, needsName: true, run: fetch },
}

export const offsite = defineVerb({
  usage: [
    'offsite copy               copy what has no copy off-site, and read every byte of it back',
    'offsite check [NAME]       read every byte of all copies again, and compare',
    'offsite list               show what the storage holds',
    'offsite fetch NAME|latest  bring a copy into the backups folder',
  ],
  options: {},
  names: 2,
  refuse: ({ names: [action = '', ...names] }) => {
    const known = Object.hasOwn(actions, action) ? actions[action] : undefined
    if (known === undefined) {
      throw wrongArguments(`expected offsite ${Object.keys(actions).join(', ')} (got ${action || 'nothing'})`)
    }
    if (names.length > known.names) throw wrongArguments(`too many arguments (got ${names.join(' ')})`)
    if (known.needsName === true && names.length === 0) throw wrongArguments(`offsite ${action} needs a name`)
  },
  run: async (context: BackupContext, { names: [action = '', name] }) => {
    const { offsite: storage, settings } = context
    if (storage === undefined) throw notConfigured()
    await requireFolder(settings.backupsFolder, 'write')
    const place = { offsite: storage, backupsFolder: settings.backupsFolder }
    await actions[action]?.run(context, place, name)
  },
})
