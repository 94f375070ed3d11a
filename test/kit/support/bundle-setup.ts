import { openBundles } from './bundles.ts'

export const setup = openBundles
