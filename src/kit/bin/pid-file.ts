import { readFile, rm, writeFile } from 'node:fs/promises'
import { isAlive } from '../postgres/postmaster-pid.ts'
import { AppError } from '../errors.ts'

/** Returns false for a pid that the system has given to another program since. */
async function isOurs(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false
  if (process.platform !== 'linux') return true
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return commandLine.includes('embedded')
}

/** Claims `path` for this process and replaces the file of a killed one. Returns the function that releases it. */
export async function claimPidFile(path: string): Promise<() => Promise<void>> {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    try {
      await writeFile(path, `${process.pid}\n`, { flag: 'wx' })
      return () => rm(path, { force: true })
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code !== 'EEXIST') throw err
      const holder = Number(await readFile(path, 'utf8').catch(() => '0'))
      if (holder !== process.pid && (await isOurs(holder))) {
        throw new AppError('conflict', `already running as pid ${holder}`, { hint: 'stop it with make down' })
      }
      await rm(path, { force: true })
    }
  }
  throw new AppError('conflict', `${path} is being taken by others`, { hint: 'try again' })
}
