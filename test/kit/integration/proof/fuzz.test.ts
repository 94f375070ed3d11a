import { openFixtureApp } from '../../fixture/open-fixture-app.ts'
import { proof } from '../../fixture/proof.ts'
import { fuzzTests } from '../../proof/fuzz-tests.ts'

fuzzTests({ open: openFixtureApp, proof }, 50)
