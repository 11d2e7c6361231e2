import { isSchemaOf, type JsonSchema, type WrittenFile } from '../../src/shapes/json-schema.js'
import { parseMachineDescription, type ParsedDescription } from '../../src/emulator/parse-description.js'
import { jsonSchemaOf } from '../../src/schemas/published-schemas.js'

/** A schema as the source has it now; the one in dist/ may be older. */
export function schemaOfSource(name: WrittenFile): JsonSchema {
  const schema: unknown = jsonSchemaOf(name)
  if (!isSchemaOf(name, schema)) throw new Error(`the schema of a ${name} has another name`)
  return schema
}

export const DESCRIPTION_SCHEMA: JsonSchema = schemaOfSource('description')

export const parseDescription = (json: unknown): ParsedDescription => parseMachineDescription(json, DESCRIPTION_SCHEMA)
