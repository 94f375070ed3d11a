import { proof } from '#app/proof'
import { fuzzTests } from '../../../kit/proof/fuzz-tests.ts'
import { openApp } from '../../support/open-app.ts'

fuzzTests({ open: openApp, proof })
