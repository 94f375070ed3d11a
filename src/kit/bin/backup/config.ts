import { text } from 'node:stream/consumers'
import { findArchive } from '../../backup/config-archive/archive-files.ts'
import { configFolderOf } from '../../backup/backups-folder.ts'
import { copyArchives } from '../../backup/config-archive/copy-archives.ts'
import { createArchive } from '../../backup/config-archive/create-archive.ts'
import { fetchArchive } from '../../backup/config-archive/fetch-archive.ts'
import { openArchive } from '../../backup/config-archive/open-archive.ts'
import { unpackArchive } from '../../backup/config-archive/unpack-archive.ts'
import { notConfigured } from '../../backup/offsite/offsite-fault.ts'
import type { OffsitePlace } from '../../backup/offsite/offsite-settings.ts'
import { defineVerb, wrongArguments, type Arguments } from '../process/define-verb.ts'
import { noteRun } from '../../backup/jobs/note-run.ts'
import type { BackupContext } from './backup-context.ts'
import { abortOnSignal } from '../process/abort-on-signal.ts'

const options = {
  state: { type: 'string', default: '/state' },
  'if-changed': { type: 'boolean', default: false },
  into: { type: 'string', default: '' },
  operator: { type: 'string', default: '0:0' },
} as const

type Given = Arguments<typeof options>

function refuse({ names: [action = 'none'], values }: Given): void {
  if (!Object.hasOwn(actions, action))
    throw wrongArguments(`expected config ${Object.keys(actions).join(', ')} (got ${action})`)
  if (action === 'unpack' && values.into === '')
    throw wrongArguments('config unpack needs --into, an empty folder')
  if (!/^\d+:\d+$/.test(values.operator))
    throw wrongArguments(`--operator: expected UID:GID (got ${values.operator})`)
}

async function create({ settings, say, print }: BackupContext, { values }: Given): Promise<void> {
  const revision = process.env['REVISION'] ?? 'unknown'
  const archive = () =>
    createArchive(
      { ...settings, revision },
      { stateFolder: values.state, isOnlyWhenChanged: values['if-changed'] },
    )
  // Without encryption it is refused, as the operator has chosen: nothing to be told of again and again.
  const { name, files, isNew } = settings.encryption.isOn
    ? await noteRun(settings.backupsFolder, 'config_archive', archive)
    : await archive()
  say(
    isNew
      ? `${files} files of the configuration are archived, encrypted and read back`
      : `nothing of the configuration has changed since ${name}`,
  )
  print(name)
}

async function unpack({ settings, print }: BackupContext, { values, names }: Given): Promise<void> {
  const file = await findArchive(configFolderOf(settings.backupsFolder), names[1] ?? 'latest')
  const identity = await text(process.stdin)
  const opened = await openArchive(file, { identity, searchPath: settings.encryption.searchPath })
  const [uid = 0, gid = 0] = values.operator.split(':').map(Number)
  await unpackArchive(opened, values.into, { uid, gid })
  const { name, slipwayVersion, revision, entries } = opened.manifest
  const files = entries.filter(({ kind }) => kind === 'file').length
  print(`${name}: ${files} files, as they were under slipway ${slipwayVersion}, revision ${revision}`)
}

function placeOf({ offsite, settings }: BackupContext): OffsitePlace {
  if (offsite === undefined) throw notConfigured()
  return { offsite, backupsFolder: settings.backupsFolder }
}

async function copy(context: BackupContext): Promise<void> {
  const place = placeOf(context)
  const signal = abortOnSignal()
  const { copied, pruned, pruneFault } = await noteRun(place.backupsFolder, 'config_copy', () =>
    copyArchives(place, signal),
  )
  for (const file of pruned) context.say(`removed ${file} off-site: the newest are kept`)
  for (const file of copied) context.print(`${file}: copied and read back`)
  if (copied.length === 0) context.print('every archive of the configuration has a copy')
  if (pruneFault !== undefined) throw pruneFault
}

async function fetch(context: BackupContext, { names: [, name = 'latest'] }: Given): Promise<void> {
  context.print(await fetchArchive(placeOf(context), name, abortOnSignal()))
}

const actions: Record<string, (context: BackupContext, given: Given) => Promise<void>> = {
  create,
  unpack,
  copy,
  fetch,
}

export const config = defineVerb({
  usage: [
    'config create [--if-changed] [--state FOLDER]   archive .env, secrets and the data of Caddy',
    'config copy                                     copy the archives off-site, and read every byte of them back',
    'config fetch [NAME|latest]                      bring an archive from there',
    'config unpack [NAME|PATH|latest] --into FOLDER [--operator UID:GID]   the key comes on standard input',
  ],
  options,
  names: 2,
  refuse,
  run: async (context: BackupContext, given) => actions[given.names[0] ?? '']?.(context, given),
})
