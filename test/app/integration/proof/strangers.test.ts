import { proof } from '#app/proof'
import { strangerTests } from '../../../kit/proof/stranger-tests.ts'
import { openApp } from '../../support/open-app.ts'

strangerTests({ open: openApp, proof })
