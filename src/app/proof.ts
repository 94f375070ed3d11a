/** What the proofs of the kit write, read, list and ask for; with more than one slice, of them together. */
export { proof } from './travel/proof.ts'
