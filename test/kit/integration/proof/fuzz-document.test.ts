import { proof } from '../../fixture/proof.ts'
import { fuzzDocumentTests } from '../../proof/fuzz-document-tests.ts'

fuzzDocumentTests({ application: 'fixture', proof, numRuns: 700 })
