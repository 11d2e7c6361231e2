import type { JsonSchema } from './json-schema.js'
import { shown, type Mistakes } from './mistakes.js'

/** Deeper than any machine: who looks into it would need a stack for it. */
const DEEPEST = 200

/**
 * Notes what is wrong with a value by the published schema, in sentences. It stops where no more would be told, since a
 * hostile file of some megabytes can hold a million mistakes.
 */
export function checkSchema(root: JsonSchema, value: unknown, mistakes: Mistakes): void {
  new Check(root, mistakes).check(root, value, '', 0)
}

/** The value as a person would name it. */
function found(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  if (value === undefined) return 'nothing'
  return JSON.stringify(typeof value === 'string' ? shown(value) : value)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const TYPE_WORDS = {
  object: 'an object',
  array: 'a list',
  string: 'text',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
} as const

function hasType(type: NonNullable<JsonSchema['type']>, value: unknown): boolean {
  switch (type) {
    case 'object':
      return isObject(value)
    case 'array':
      return Array.isArray(value)
    case 'integer':
      return Number.isSafeInteger(value)
    case 'null':
      return value === null
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type
  }
}

const within = (path: string, name: string): string => (path === '' ? shown(name) : `${path}.${shown(name)}`)

class Check {
  private readonly root: JsonSchema
  private readonly mistakes: Mistakes

  constructor(root: JsonSchema, mistakes: Mistakes) {
    this.root = root
    this.mistakes = mistakes
  }

  check(schema: JsonSchema, value: unknown, path: string, depth: number): void {
    if (this.mistakes.isFull) return
    if (depth > DEEPEST && typeof value === 'object') {
      this.mistakes.add(path, `is nested deeper than ${DEEPEST} levels`)
      return
    }
    const { anyOf, ...rest } = this.resolve(schema)
    if (anyOf) this.checkAny(anyOf, value, path, depth)
    else if (this.checkScalar(rest, value, path)) this.checkParts(rest, value, path, depth)
  }

  private resolve(schema: JsonSchema): JsonSchema {
    return schema.$ref === undefined ? schema : (this.root.$defs?.[schema.$ref.slice('#/$defs/'.length)] ?? {})
  }

  /** What one of these takes, those that are named and those of shapes that are choices themselves among them. */
  private shapesOf(anyOf: readonly JsonSchema[]): readonly JsonSchema[] {
    return anyOf.flatMap((shape) => {
      const resolved = this.resolve(shape)
      return resolved.anyOf ? this.shapesOf(resolved.anyOf) : [resolved]
    })
  }

  /** Everything but what is inside of lists and objects; whether it holds. */
  private checkScalar(schema: JsonSchema, value: unknown, path: string): boolean {
    const { type, pattern, minimum, maximum, maxLength } = schema
    const fail = (expected: string): false => {
      this.mistakes.add(path, `expected ${expected}, found ${found(value)}`)
      return false
    }
    const values = valuesOf(schema)
    if (values) return values.some((allowed) => allowed === value) || fail(oneOf(values))
    if (type !== undefined && !hasType(type, value)) return fail(TYPE_WORDS[type])
    if (typeof value === 'string') {
      if (maxLength !== undefined && value.length > maxLength) {
        this.mistakes.add(path, `expected at most ${maxLength} characters, found ${value.length}`)
        return false
      }
      if (pattern !== undefined && !new RegExp(pattern).test(value)) return fail(describe(schema))
    }
    if (minimum !== undefined && typeof value === 'number' && value < minimum) return fail(`at least ${minimum}`)
    if (maximum !== undefined && typeof value === 'number' && value > maximum) return fail(`at most ${maximum}`)
    return true
  }

  private checkParts(schema: JsonSchema, value: unknown, path: string, depth: number): void {
    if (Array.isArray(value)) this.checkItems(schema, value, path, depth)
    else if (isObject(value)) this.checkProperties(schema, value, path, depth)
  }

  private checkItems(schema: JsonSchema, list: readonly unknown[], path: string, depth: number): void {
    const { items, prefixItems = [], minItems = 0, maxItems = Infinity } = schema
    const count = list.length
    if (count < minItems) this.mistakes.add(path, `expected at least ${minItems} items, found ${count}`)
    if (count > maxItems) this.mistakes.add(path, `expected at most ${maxItems} items, found ${count}`)
    for (const [index, item] of list.entries()) {
      if (this.mistakes.isFull) return
      const part = prefixItems[index] ?? items
      if (typeof part === 'object') this.check(part, item, `${path}[${index}]`, depth + 1)
    }
  }

  private checkProperties(
    schema: JsonSchema,
    object: Readonly<Record<string, unknown>>,
    path: string,
    depth: number,
  ): void {
    const { properties = {}, required = [], additionalProperties = true, propertyNames } = schema
    for (const name of required) {
      if (!Object.hasOwn(object, name)) this.mistakes.add(within(path, name), 'expected a value, found nothing')
    }
    for (const [name, part] of Object.entries(object)) {
      if (this.mistakes.isFull) return
      const place = within(path, name)
      if (propertyNames && !this.checkScalar(propertyNames, name, place)) continue
      const own = Object.hasOwn(properties, name) ? properties[name] : additionalProperties
      if (own === false) {
        this.mistakes.add(place, `is no property here; these are: ${Object.keys(properties).join(', ')}`)
      } else if (typeof own === 'object') this.check(own, part, place, depth + 1)
    }
  }

  /** Of several shapes those that may be meant are told by type, by `type`, or by the properties that are there. */
  private checkAny(anyOf: readonly JsonSchema[], value: unknown, path: string, depth: number): void {
    const shapes = this.shapesOf(anyOf)
    const attempts = shapes
      .filter((shape) => isMeant(shape, value))
      .map((shape) => {
        const mistakes = this.mistakes.fresh()
        new Check(this.root, mistakes).check(shape, value, path, depth)
        return mistakes
      })
    if (attempts.some(({ isEmpty }) => isEmpty)) return
    const [first] = attempts
    if (first) {
      for (const mistake of first.list) this.mistakes.add(mistake.path, mistake.message)
      return
    }
    const types = shapes.flatMap(typesOf)
    if (types.length > 0 && isObject(value)) {
      this.mistakes.add(within(path, 'type'), `expected ${oneOf(types)}, found ${found(value['type'])}`)
      return
    }
    const words = isObject(value) ? shapes.map(withProperties) : shapes.map(describe)
    const expected = [...new Set(words)].join(' or ')
    this.mistakes.add(path, `expected ${expected}, found ${found(value)}`)
  }
}

type Value = string | number | boolean

/** The values that a schema lists; undefined where it lists none. */
function valuesOf(schema: JsonSchema): readonly Value[] | undefined {
  return schema.const === undefined ? schema.enum : [schema.const]
}

/** What the property `type` of such objects says. */
function typesOf(schema: JsonSchema): readonly Value[] {
  const type = schema.properties?.['type']
  return (type && valuesOf(type)) ?? []
}

/** Whether a value may be of this shape; what is not meant is surely refused. */
function isMeant(schema: JsonSchema, value: unknown): boolean {
  const { type, required = [] } = schema
  if (!isObject(value)) return type !== undefined && hasType(type, value)
  const types = typesOf(schema)
  if (types.length > 0) return types.some((name) => name === value['type'])
  return type === 'object' && required.every((name) => Object.hasOwn(value, name))
}

const oneOf = (values: readonly Value[]): string =>
  values.length === 1 ? JSON.stringify(values[0]) : `one of ${values.join(', ')}`

/** What is expected, in words. */
function describe(schema: JsonSchema): string {
  const { type, pattern, description } = schema
  const values = valuesOf(schema)
  if (values) return oneOf(values)
  if (pattern !== undefined) return description ?? `text that matches ${pattern}`
  return type === undefined ? 'another shape' : TYPE_WORDS[type]
}

/** The same where an object was found, and not one that was expected. */
const withProperties = (schema: JsonSchema): string =>
  schema.required ? `an object with ${schema.required.join(' and ')}` : describe(schema)
