import { proof } from '#app/proof'
import { fuzzDocumentTests } from '../../../kit/proof/fuzz-document-tests.ts'

fuzzDocumentTests({ application: 'mounted', proof, numRuns: 10_000 })
