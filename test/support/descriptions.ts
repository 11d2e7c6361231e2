import { isDescriptionSchema, type JsonSchema } from '../../src/emulator/json-schema.js'
import { parseMachineDescription, type ParsedDescription } from '../../src/emulator/parse-description.js'
import { jsonSchemaOf } from '../../src/schemas/published-schemas.js'

function schemaOfSource(): JsonSchema {
  const schema: unknown = jsonSchemaOf('description')
  if (!isDescriptionSchema(schema)) throw new Error('the schema of descriptions has another name')
  return schema
}

/** The schema of descriptions as the source has it now; the one in dist/ may be older. */
export const DESCRIPTION_SCHEMA: JsonSchema = schemaOfSource()

export const parseDescription = (json: unknown): ParsedDescription => parseMachineDescription(json, DESCRIPTION_SCHEMA)
