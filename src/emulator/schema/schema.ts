/** The part of JSON Schema (2020-12) that descriptions need; plain JSON, to be published as it is. */
export interface Schema {
  readonly $schema?: string
  readonly $id?: string
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
  readonly title?: string
  readonly description?: string
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean' | 'null'
  readonly const?: string | number | boolean
  readonly enum?: readonly (string | number | boolean)[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly propertyNames?: Schema
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly anyOf?: readonly Schema[]
}

type Properties = Readonly<Record<string, Schema>>

/** An object with these properties and no others. */
export function objectSchema(required: Properties, optional: Properties = {}): Schema {
  const names = Object.keys(required)
  return {
    type: 'object',
    properties: { ...required, ...optional },
    ...(names.length > 0 ? { required: names } : {}),
    additionalProperties: false,
  }
}

/** An object used as a map; `names` is what its keys look like. */
export function mapSchema(names: Schema, values: Schema): Schema {
  return { type: 'object', propertyNames: names, additionalProperties: values }
}

/** A list of any length. */
export function listSchema(items: Schema): Schema {
  return { type: 'array', items }
}

/** Exactly `length` items of one kind. */
export function tupleSchema(items: Schema, length: number): Schema {
  return { type: 'array', items, minItems: length, maxItems: length }
}

/** What one of several schemas takes. */
export function anySchema(...anyOf: readonly Schema[]): Schema {
  return { anyOf }
}

/** What the definition of that name takes. */
export function reference(name: string): Schema {
  return { $ref: `#/$defs/${name}` }
}

export const TEXT: Schema = { type: 'string' }
export const FLAG: Schema = { type: 'boolean' }
export const NULL: Schema = { type: 'null' }
export const COUNT: Schema = { type: 'integer', minimum: 0, maximum: 0xffffffff }
export const BYTE: Schema = { type: 'integer', minimum: 0, maximum: 0xff }
/** A number, or hexadecimal text for what JSON has no number for. */
export const INTEGER: Schema = {
  anyOf: [
    { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    { type: 'string', pattern: '^0x[0-9a-fA-F]{1,16}$' },
  ],
}
export const HEX_BYTES: Schema = { type: 'string', pattern: '^(?:[ \\n]*[0-9a-fA-F]{2})*[ \\n]*$' }

/** One of these values. */
export function choice(...values: readonly (string | number)[]): Schema {
  return { enum: values }
}
