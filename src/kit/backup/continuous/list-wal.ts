import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import {
  repositoryFolder,
  stanza,
  type ContinuousSettings,
  type RepositoryName,
} from './continuous-settings.ts'
import { expectEngine } from './run-engine.ts'
import { logFolder, parseSegment, type WalSegment } from './wal-segment.ts'

export interface StoredSegment extends WalSegment {
  name: string
  /** SHA-1 of the uncompressed segment, part of the stored file name. */
  sha1: string
  /** Earliest archive time. pgBackRest reports seconds, the file system reports milliseconds. */
  archivedAt: Date
  /** Latest archive time. */
  archivedBy: Date
}

export interface StoredWal {
  segments: StoredSegment[]
  /** Start of each timeline after the first, made by a restore or a promotion. */
  timelines: { timeline: number; begunAt: Date }[]
}

interface Entry {
  name: string
  modifiedAt: Date
  /** Upper bound of the error of `modifiedAt`, in ms. */
  lateMs: number
}

const entriesSchema = z.record(z.string(), z.object({ time: z.number().optional() }))

async function listByEngine(
  settings: ContinuousSettings,
  repository: RepositoryName,
  path: string,
): Promise<Entry[]> {
  const json = await expectEngine(settings, { repository, args: ['repo-ls', '--output=json', path] })
  return Object.entries(entriesSchema.parse(JSON.parse(json))).map(([name, { time = 0 }]) => ({
    name,
    modifiedAt: new Date(time * 1_000),
    lateMs: 999,
  }))
}

/** Reads the local repository directly: it is listed every minute. */
async function listOnDisk(folder: string): Promise<Entry[]> {
  const names = await readdir(folder)
  return Promise.all(
    names.map(async (name) => ({ name, modifiedAt: (await stat(join(folder, name))).mtime, lateMs: 0 })),
  )
}

function list(settings: ContinuousSettings, repository: RepositoryName, path: string): Promise<Entry[]> {
  return repository === 'repo1'
    ? listOnDisk(join(repositoryFolder(settings), path))
    : listByEngine(settings, repository, path)
}

function segmentOf({ name, modifiedAt: archivedAt, lateMs }: Entry): StoredSegment[] {
  const [segment = '', rest = ''] = name.split('-')
  const parsed = parseSegment(segment)
  const sha1 = /^[0-9a-f]{40}/.exec(rest)?.[0]
  if (parsed === undefined || sha1 === undefined) return []
  const archivedBy = new Date(archivedAt.getTime() + lateMs)
  return [{ ...parsed, name: segment, sha1, archivedAt, archivedBy }]
}

function timelineOf({ name, modifiedAt }: Entry): StoredWal['timelines'] {
  const timeline = /^([0-9A-F]{8})\.history/.exec(name)?.[1]
  return timeline === undefined ? [] : [{ timeline: Number.parseInt(timeline, 16), begunAt: modifiedAt }]
}

/** Log numbers increase across timelines. */
function isAtOrAfter(folder: string, first: string): boolean {
  return /^[0-9A-F]{16}$/.test(folder) && folder.slice(8) >= logFolder(first).slice(8)
}

/** Lists the WAL of a repository from segment `first` on, on its timeline and later ones. */
export async function listWal(
  settings: ContinuousSettings,
  repository: RepositoryName,
  archiveId: string,
  first: string,
): Promise<StoredWal> {
  const root = join('archive', stanza, archiveId)
  const top = await list(settings, repository, root)
  const folders = top.map(({ name }) => name).filter((name) => isAtOrAfter(name, first))
  const found = await Promise.all(folders.map((folder) => list(settings, repository, join(root, folder))))
  return {
    segments: found.flat().flatMap(segmentOf),
    timelines: top.flatMap(timelineOf).sort((a, b) => a.timeline - b.timeline),
  }
}
