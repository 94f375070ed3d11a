import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useCreateStage } from './create-stage.ts'
import { postgresTools } from './postgres-tools.ts'
import { runCli } from './run-cli.ts'

describe.skipIf(postgresTools === undefined)('backup verify', () => {
  const { folder, settings, create } = useCreateStage()

  let store: string
  let good: string

  beforeAll(async () => {
    store = await mkdtemp(join(tmpdir(), 'slipway-good-'))
    good = join(store, (await create({ BACKUP_FOLDER: store })).stdout)
  })
  afterAll(() => rm(store, { recursive: true, force: true }))

  const damage = async (file: string, change: (content: Buffer) => Buffer | undefined): Promise<string> => {
    const name = '20200101T000000Z-abcdef'
    await cp(good, join(folder(), name), { recursive: true })
    const path = join(folder(), name, file)
    const changed = change(await readFile(path))
    if (changed === undefined) await rm(path)
    else await writeFile(path, changed)
    return name
  }
  const flip = (content: Buffer): Buffer => {
    const at = Math.floor(Math.random() * content.length)
    content[at] = (content[at] ?? 0) ^ (1 << Math.floor(Math.random() * 8))
    return content
  }
  const verify = (name: string) => runCli(['verify', name], settings())

  it('accepts what create wrote, by name, by path and as the latest', async () => {
    const name = (await create()).stdout

    for (const from of [name, join(folder(), name), join(folder(), name, 'database.dump'), 'latest']) {
      expect(await verify(from)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('checksums right') as string,
      })
    }
  })

  it.each(['database.dump', 'manifest.json', 'SHA256SUMS'])('finds a flipped bit in %s', async (file) => {
    const name = await damage(file, flip)

    expect(await verify(name)).toMatchObject({
      code: 50,
      stderr: expect.stringContaining(`backup ${name} cannot be trusted`) as string,
    })
  })

  it.each(['database.dump', 'manifest.json', 'SHA256SUMS'])('finds that %s is cut short', async (file) => {
    const name = await damage(file, (content) => content.subarray(0, Math.floor(content.length * 0.9)))

    expect((await verify(name)).code).toBe(50)
  })

  it.each(['database.dump', 'manifest.json', 'SHA256SUMS'])('finds that %s is missing', async (file) => {
    const name = await damage(file, () => undefined)

    expect((await verify(name)).code).toBe(50)
  })

  it('says that there is no such backup', async () => {
    expect(await verify('20200101T000000Z-000000')).toMatchObject({ code: 53 })
  })
})
