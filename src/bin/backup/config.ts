import { text } from 'node:stream/consumers'
import { configFolderOf, findArchive } from '../../backup/config-archive/archive-files.ts'
import { createArchive } from '../../backup/config-archive/create-archive.ts'
import { openArchive } from '../../backup/config-archive/open-archive.ts'
import { unpackArchive } from '../../backup/config-archive/unpack-archive.ts'
import { defineVerb, wrongArguments, type Arguments } from '../../backup/parse-command.ts'
import type { BackupContext } from './backup-context.ts'

const options = {
  state: { type: 'string', default: '/state' },
  'if-changed': { type: 'boolean', default: false },
  into: { type: 'string', default: '' },
  operator: { type: 'string', default: '0:0' },
} as const

type Given = Arguments<typeof options>

const refuse = ({ names: [action = 'none'], values }: Given): void => {
  if (!['create', 'unpack'].includes(action))
    throw wrongArguments(`config: expected create or unpack (got ${action})`)
  if (action === 'unpack' && values.into === '')
    throw wrongArguments('config unpack needs --into, an empty folder')
  if (!/^\d+:\d+$/.test(values.operator))
    throw wrongArguments(`--operator: expected UID:GID (got ${values.operator})`)
}

const create = async ({ settings, say, print }: BackupContext, { values }: Given): Promise<void> => {
  const revision = process.env['REVISION'] ?? 'unknown'
  const { name, files, isNew } = await createArchive(
    { ...settings, revision },
    { stateFolder: values.state, isOnlyWhenChanged: values['if-changed'] },
  )
  say(
    isNew
      ? `${files} files of the configuration are archived, encrypted and read back`
      : `nothing of the configuration has changed since ${name}`,
  )
  print(name)
}

const unpack = async ({ settings, print }: BackupContext, { values, names }: Given): Promise<void> => {
  const file = await findArchive(configFolderOf(settings.backupsFolder), names[1] ?? 'latest')
  const identity = await text(process.stdin)
  const opened = await openArchive(file, { identity, searchPath: settings.encryption.searchPath })
  const [uid = 0, gid = 0] = values.operator.split(':').map(Number)
  await unpackArchive(opened, values.into, { uid, gid })
  const { name, slipwayVersion, revision, entries } = opened.manifest
  const files = entries.filter(({ kind }) => kind === 'file').length
  print(`${name}: ${files} files, as they were under slipway ${slipwayVersion}, revision ${revision}`)
}

export const config = defineVerb({
  usage: [
    'config create [--if-changed] [--state FOLDER]   archive .env, secrets and the data of Caddy',
    'config unpack [NAME|PATH|latest] --into FOLDER [--operator UID:GID]   the key comes on standard input',
  ],
  options,
  names: 2,
  refuse,
  run: (context: BackupContext, given) =>
    given.names[0] === 'create' ? create(context, given) : unpack(context, given),
})
