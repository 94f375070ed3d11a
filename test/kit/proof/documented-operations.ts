import type { JsonSchema, Schemas } from './schema-arbitrary.ts'

interface Media {
  schema: JsonSchema
}

interface Parameter {
  in: 'path' | 'query' | 'header'
  name: string
  schema: JsonSchema
}

export interface Operation {
  method: string
  path: string
  parameters: Parameter[]
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, { content?: Record<string, Media> }>
}

export interface OpenapiDocument {
  paths: Record<string, Record<string, Omit<Operation, 'method' | 'path'>>>
  components: { schemas: Schemas }
}

export function documentedOperations({ paths }: OpenapiDocument): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      parameters: (operation as Partial<Operation>).parameters ?? [],
      method: method.toUpperCase(),
      path,
    })),
  )
}
