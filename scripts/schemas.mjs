// The published JSON Schemas, as files: what they are made with is needed here alone.
import { fromSource } from './source.mjs'

/** @returns {Promise<readonly { name: string, text: string }[]>} `report.json` and so on */
export async function schemas() {
  const [{ SCHEMA_NAMES }, { jsonSchemaOf }, { toJson }] = await fromSource(
    'schemas/schema-names',
    'schemas/published-schemas',
    'render/formats/json',
  )
  return SCHEMA_NAMES.map((name) => ({ name: `${name}.json`, text: toJson(jsonSchemaOf(name)) }))
}
