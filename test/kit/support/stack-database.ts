/** The database of the running stack, as tests that give it another volume or another major look at it. */
import { compose, docker } from './stack.ts'

/** Of the container, whatever .env says. */
export async function liveVolume(): Promise<string> {
  const id = (await compose('ps', '--all', '--quiet', 'db')).trim()
  const format = '{{range .Mounts}}{{if eq .Destination "/var/lib/postgresql/data"}}{{.Name}}{{end}}{{end}}'
  return (await docker('inspect', '--format', format, id)).trim()
}

/** What pgBackRest says of the repository beside the backups. */
export function archiveInfo(): Promise<string> {
  return compose(
    ...['exec', '-T', 'backup', 'pgbackrest'],
    ...['--config=/run/pgbackrest/repo1.conf', '--stanza=slipway', 'info'],
  )
}
