import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { application } from '../../../src/app/app.ts'
import { keyRowsOf } from '../../../src/kit/config/app-settings.ts'
import { parsers } from '../../../src/kit/config/parsers.ts'
import { renderEnvExample, renderReference } from '../../../src/kit/config/render.ts'
import { composeEnvironment } from '../../kit/support/compose-environment.ts'

const rows = Object.entries(keyRowsOf(application.settings))

describe('the settings of the application', () => {
  it('stand in the generated files: run `npm run generate` when this fails', () => {
    expect(readFileSync('.env.example', 'utf8')).toBe(renderEnvExample(application.settings))
    expect(readFileSync('docs/reference/configuration.md', 'utf8')).toBe(
      renderReference(application.settings),
    )
  })

  it.each(rows)(
    '%s › reaches the API through Compose, and its default is one that its parser takes',
    (key, row) => {
      const name = row.secret === true ? `${key}_FILE` : key

      expect(composeEnvironment('api')).toMatch(new RegExp(`^ {6}${name}:`, 'm'))
      if (row.default !== undefined) expect(parsers[row.type](row.default, row)).toHaveProperty('value')
    },
  )
})
