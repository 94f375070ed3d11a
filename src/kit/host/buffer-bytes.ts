/** Buffer size of a stream between two programs: large enough that neither waits for each chunk of the other. */
export const bufferBytes = 4 * 1024 * 1024
