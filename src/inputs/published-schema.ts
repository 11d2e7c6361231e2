import { isSchemaOf, type JsonSchema, type WrittenFile } from '../shapes/json-schema.js'
import { readPackageJson } from './package-files.js'

/** The schema that the build printed of files that people write. Throws where the package is not whole. */
export function publishedSchema(name: WrittenFile): JsonSchema {
  const path = `dist/schemas/${name}.json`
  const schema = readPackageJson(path)
  if (!isSchemaOf(name, schema)) throw new Error(`${path} is not the schema of a ${name}`)
  return schema
}
