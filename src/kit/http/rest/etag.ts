import { AppError } from '../../errors.ts'

/**
 * A version as an entity tag. A proxy that compresses weakens the tag (`W/"3"`) or appends its encoding (`"3-gzip"`).
 * Both forms are accepted, because the version names the row and not its bytes.
 */
const tag = /^(?:W\/)?"(\d{1,9})(?:-[a-z]+)?"$/

/** Returns the version as a strong entity tag, for example `"3"`. */
export function formatEtag(version: number): string {
  return `"${version}"`
}

/**
 * Returns the version in `If-Match`. Throws when it is missing, because the write would overwrite a row the client
 * never read.
 */
export function requireVersion(ifMatch: string | undefined): number {
  if (ifMatch === undefined) {
    throw new AppError('precondition_required', 'the header If-Match is missing', {
      hint: 'send the ETag of the version that you changed',
    })
  }
  const version = tag.exec(ifMatch.trim())?.[1]
  if (version !== undefined) return Number(version)
  throw new AppError('invalid_request', 'the header If-Match is not one of our entity tags', {
    hint: 'send one ETag as it was received, such as "3"',
  })
}

/** Returns true when `If-None-Match` names `version`, so that the response is 304. */
export function isUnchanged(ifNoneMatch: string | undefined, version: number): boolean {
  if (ifNoneMatch === undefined) return false
  const tags = ifNoneMatch.split(',').map((each) => each.trim())
  return tags.includes('*') || tags.some((each) => tag.exec(each)?.[1] === String(version))
}
