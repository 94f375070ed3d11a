import { z } from 'zod'
import type { OpenapiDocument, Operation } from './documented-operations.ts'
import type { JsonSchema } from './schema-arbitrary.ts'

export interface Answer {
  status: number
  contentType: string | null
  text: string
}

/** Says what in an answer stands outside the document; undefined when nothing does. */
export function documentedAnswers(document: OpenapiDocument) {
  const $defs = Object.fromEntries(
    Object.entries(document.components.schemas).map(([name, schema]) => [name, closed(schema)]),
  )
  const validators = new Map<JsonSchema, z.ZodType>()
  const validatorOf = (schema: JsonSchema): z.ZodType => {
    const known = validators.get(schema)
    if (known !== undefined) return known
    const made = z.fromJSONSchema({ ...closed(schema), $defs } as Parameters<typeof z.fromJSONSchema>[0])
    validators.set(schema, made)
    return made
  }
  return ({ responses }: Operation, { status, contentType, text }: Answer): string | undefined => {
    const response = responses[String(status)]
    if (response === undefined) return `status ${status} is not in the document: ${text}`
    if (response.content === undefined)
      return text === '' ? undefined : `a body where none is documented: ${text}`
    const media = response.content[contentType ?? '']
    if (media === undefined) return `content type ${String(contentType)} is not in the document`
    const checked = validatorOf(media.schema).safeParse(JSON.parse(text))
    return checked.success
      ? undefined
      : `body is not as documented: ${z.prettifyError(checked.error)}\n${text}`
  }
}

/** A member that the document does not name is one that we did not mean to show, so no object may have more. */
function closed(schema: JsonSchema): JsonSchema {
  const local: JsonSchema = {
    ...schema,
    ...(schema.$ref && { $ref: schema.$ref.replace('#/components/schemas/', '#/$defs/') }),
    ...(schema.items && { items: closed(schema.items) }),
  }
  if (schema.properties === undefined) return local
  const properties = Object.entries(schema.properties).map(([name, each]) => [name, closed(each)] as const)
  return { additionalProperties: false, ...local, properties: Object.fromEntries(properties) }
}
