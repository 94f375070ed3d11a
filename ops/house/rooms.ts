export interface Room {
  /** Folder below src/kit, or a file there; the folders in it are rooms of their own. */
  room: string
  /** Rooms that it may import. Each stands further up in the table. */
  imports: string[]
  /** npm packages that it may import. */
  packages: string[]
  /** Why no more, and where the line belongs instead. */
  why: string
}

/** The one file of the kit that imports src/app. */
export const fileThatMountsTheApp = 'src/kit/bin/mounted-application.ts'

/** Files of the application that the proofs import: how a row of it is written, read and listed. */
export const descriptionsForProofs = '^src/app/(|.+/)proof\\.ts$'

/** The rooms of the kit, from the bottom to the top. */
export const rooms: Room[] = [
  { room: 'errors', imports: [], packages: [], why: 'errors sits beneath every room' },
]
