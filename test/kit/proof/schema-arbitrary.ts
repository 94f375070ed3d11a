import fc from 'fast-check'

/** The part of JSON Schema that our document speaks. */
export interface JsonSchema {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  format?: string
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  maxItems?: number
  items?: JsonSchema
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: boolean | JsonSchema
}

export type Schemas = Record<string, JsonSchema>

/** Long enough to cross most limits of the kit, short enough for ten thousand of them. */
const longest = 300

export const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: longest }),
  fc.constantFrom('', '\0', '\ud83c', '🍁'.repeat(100), 'a'.repeat(201), '2027-02-30', '9'.repeat(40), '%00'),
)

export const hostileValue = fc.oneof(hostileText, fc.double(), fc.constant(null), fc.jsonValue())

/** Values that the schema allows; `ids` stand in for about half of the uuids, so that some of them name something. */
export function schemaArbitrary(schema: JsonSchema, schemas: Schemas, ids: string[]): fc.Arbitrary<unknown> {
  const inner = (each: JsonSchema) => schemaArbitrary(each, schemas, ids)
  if (schema.$ref !== undefined) return inner(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {})
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (Array.isArray(schema.type)) return fc.oneof(...schema.type.map((type) => inner({ ...schema, type })))
  switch (schema.type) {
    case 'string':
      return text(schema, ids)
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1000, max: schema.maximum ?? 1000 })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(inner(schema.items ?? {}), { maxLength: Math.min(schema.maxItems ?? 3, 3) })
    case 'object':
      return members(schema, inner)
    default:
      throw new Error(`the fuzz cannot make values of ${JSON.stringify(schema)} yet: teach schemaArbitrary`)
  }
}

function text({ format, pattern, minLength = 0, maxLength = longest }: JsonSchema, ids: string[]) {
  if (format === 'uuid') return fc.oneof(fc.constantFrom(...ids), fc.uuid())
  if (format === 'date') return day
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern))
  return fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, longest) })
}

const day = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))

function members(schema: JsonSchema, inner: (each: JsonSchema) => fc.Arbitrary<unknown>) {
  const entries = Object.entries(schema.properties ?? {}).map(([name, each]) => [name, inner(each)] as const)
  return fc.record(Object.fromEntries(entries), { requiredKeys: schema.required ?? [] })
}
