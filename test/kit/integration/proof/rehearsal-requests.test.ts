import { mounted } from '../../fixture/mounted.ts'
import { openFixtureApp } from '../../fixture/open-fixture-app.ts'
import { proof } from '../../fixture/proof.ts'
import { rehearsalRequestTests } from '../../proof/rehearsal-request-tests.ts'

rehearsalRequestTests({ open: openFixtureApp, proof }, mounted)
