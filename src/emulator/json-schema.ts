/** The keywords of JSON Schema (2020-12) that the published schema of descriptions has. A test holds it to them. */
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

const ID = 'urn:intremap:schema:description:1'

/** Whether this is the schema of descriptions, told by its name: what the build wrote is believed. */
export const isDescriptionSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && '$id' in value && value.$id === ID
