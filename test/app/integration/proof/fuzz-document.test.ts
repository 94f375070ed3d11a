import { proof } from '#app/proof'
import { fuzzDocumentTests } from '../../../kit/proof/fuzz-document-tests.ts'
import { repetitions } from '../../../kit/support/repetitions.ts'

fuzzDocumentTests({ application: 'mounted', proof, numRuns: repetitions(2_000, 10_000) })
