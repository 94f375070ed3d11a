import { CommandError } from '../../errors.ts'
import type { ContinuousSettings, RepositoryName } from './continuous-settings.ts'
import { readRepository, type Repository } from './read-repository.ts'
import { writeEngineConfig } from './write-engine-config.ts'

async function readOrFault(
  settings: ContinuousSettings,
  name: RepositoryName,
): Promise<Repository | CommandError> {
  try {
    return await readRepository(settings, name)
  } catch (err) {
    if (err instanceof CommandError) return err
    throw err
  }
}

/**
 * Returns the nearest repository that holds a base backup, or the one named by `only`. Throws the
 * CommandError of an unreadable repository only when no other one can be used.
 */
export async function chooseRepository(
  settings: ContinuousSettings,
  only?: RepositoryName,
): Promise<Repository> {
  const answers: (Repository | CommandError)[] = []
  const names = await writeEngineConfig(settings)
  for (const name of names.filter((each) => only === undefined || each === only)) {
    const answer = await readOrFault(settings, name)
    if (!(answer instanceof CommandError) && answer.bases.length > 0) return answer
    answers.push(answer)
  }
  const fault = answers.find((answer) => answer instanceof CommandError)
  if (fault !== undefined) throw fault
  throw new CommandError('not_found', 'the archive holds no base backup', {
    hint: 'make backups shows what there is instead',
  })
}
