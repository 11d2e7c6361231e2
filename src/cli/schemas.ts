import { readPackageFile } from '../inputs/package-files.js'
import { SCHEMA_NAMES, type SchemaName } from '../schemas/schema-names.js'
import { writeStdout } from './output.js'

export { SCHEMA_NAMES }

/** Prints a published schema, as the build wrote it. */
export function printSchema(name: SchemaName): void {
  writeStdout(readPackageFile(`dist/schemas/${name}.json`))
}
