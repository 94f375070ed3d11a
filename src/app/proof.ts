/** The rows and requests that the kit's proofs use; with several slices, those of all of them. */
export { proof } from './travel/proof.ts'
