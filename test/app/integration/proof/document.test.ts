import { documentTests } from '../../../kit/proof/document-tests.ts'
import { openApp } from '../../support/open-app.ts'

documentTests(openApp)
