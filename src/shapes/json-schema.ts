/** The keywords of JSON Schema (2020-12) that the published schemas of files that are read have. A test holds it to them. */
export interface JsonSchema {
  readonly $schema?: string
  readonly $id?: string
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  readonly title?: string
  readonly description?: string
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null'
  readonly const?: string | number | boolean
  readonly enum?: readonly (string | number | boolean)[]
  readonly pattern?: string
  /** For other programs: a pattern beside it says the same. */
  readonly format?: string
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly propertyNames?: JsonSchema
  /** With `prefixItems`: false, since nothing comes after them. */
  readonly items?: false | JsonSchema
  readonly prefixItems?: readonly JsonSchema[]
  readonly minItems?: number
  readonly maxItems?: number
  readonly anyOf?: readonly JsonSchema[]
}

/** Files that people write, by the name of their schema. */
export type WrittenFile = 'description' | 'policy' | 'baseline'

/** Whether this is the schema of such files, told by its name: what the build wrote is believed. */
export const isSchemaOf = (name: WrittenFile, value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && '$id' in value && value.$id === `urn:intremap:schema:${name}:1`
