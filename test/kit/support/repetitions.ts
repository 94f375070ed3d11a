/** `short`, or in the long form of the tests (make test-long) `long`. */
export function repetitions(short: number, long: number): number {
  return process.env['TEST_LONG'] === '1' ? long : short
}
