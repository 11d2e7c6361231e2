import { toJson } from '../render/formats/json.js'
import { writeStdout } from './output.js'

export const SCHEMA_NAMES = ['report', 'device', 'error', 'explanation', 'lint'] as const
export type SchemaName = (typeof SCHEMA_NAMES)[number]

/** Prints a published schema. The schemas are loaded only here: they bring a library that nothing else needs. */
export async function printSchema(name: SchemaName): Promise<void> {
  if (name === 'lint') {
    const { lintJsonSchema } = await import('../report/schema/lint-schema.js')
    writeStdout(toJson(lintJsonSchema()))
    return
  }
  if (name === 'explanation') {
    const { explanationJsonSchema } = await import('../report/schema/explanation-schema.js')
    writeStdout(toJson(explanationJsonSchema()))
    return
  }
  const { jsonSchemaOf } = await import('../report/schema/schema.js')
  writeStdout(toJson(jsonSchemaOf(name)))
}
