import { proof } from '#app/proof'
import { rehearsalRequestTests } from '../../../kit/proof/rehearsal-request-tests.ts'
import { openApp } from '../../support/open-app.ts'

rehearsalRequestTests({ open: openApp, proof })
