/** `short`, or in the long form of the tests (make test-long) `long`. */
export const repetitions = (short: number, long: number): number =>
  process.env['TEST_LONG'] === '1' ? long : short
