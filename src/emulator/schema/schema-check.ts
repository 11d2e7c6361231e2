import type { Schema } from './schema.js'

/** Where a description is wrong (`rootComplexes[0].msi`), and how: expected and found. */
export interface DescriptionError {
  readonly path: string
  readonly message: string
}

/** More errors than this help nobody. */
const ERROR_LIMIT = 20
const DEPTH_LIMIT = 200

/** Errors of `value` against `root`, at most twenty. */
export function checkSchema(root: Schema, value: unknown): readonly DescriptionError[] {
  const errors: DescriptionError[] = []
  new Check(root, errors).check(root, value, '', 0)
  return errors
}

/** The value as a person would name it. */
function found(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const TYPE_WORDS = {
  object: 'an object',
  array: 'a list',
  string: 'text',
  integer: 'an integer',
  boolean: 'true or false',
  null: 'null',
} as const

function hasType(type: NonNullable<Schema['type']>, value: unknown): boolean {
  switch (type) {
    case 'object':
      return isObject(value)
    case 'array':
      return Array.isArray(value)
    case 'string':
      return typeof value === 'string'
    case 'integer':
      return Number.isSafeInteger(value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'null':
      return value === null
  }
}

class Check {
  private readonly root: Schema
  private readonly errors: DescriptionError[]

  constructor(root: Schema, errors: DescriptionError[]) {
    this.root = root
    this.errors = errors
  }

  check(schema: Schema, value: unknown, path: string, depth: number): void {
    if (this.errors.length >= ERROR_LIMIT) return
    if (depth > DEPTH_LIMIT && typeof value === 'object')
      this.report(path, `is nested deeper than ${DEPTH_LIMIT} levels`)
    else if (schema.$ref !== undefined) this.check(this.resolve(schema.$ref), value, path, depth)
    else if (schema.anyOf) this.checkAny(schema.anyOf, value, path, depth)
    else if (this.checkScalar(schema, value, path)) this.checkParts(schema, value, path, depth)
  }

  private resolve(pointer: string): Schema {
    return this.root.$defs?.[pointer.slice('#/$defs/'.length)] ?? {}
  }

  private report(path: string, message: string): false {
    this.errors.push({ path: path === '' ? '(description)' : path, message })
    return false
  }

  private checkScalar(schema: Schema, value: unknown, path: string): boolean {
    const { type, enum: values, pattern, minimum, maximum } = schema
    const fail = (expected: string): false => this.report(path, `expected ${expected}, found ${found(value)}`)
    if (type !== undefined && !hasType(type, value)) return fail(TYPE_WORDS[type])
    if (schema.const !== undefined && value !== schema.const) return fail(JSON.stringify(schema.const))
    if (values && !values.some((allowed) => allowed === value)) return fail(`one of ${values.join(', ')}`)
    if (pattern !== undefined && typeof value === 'string' && !new RegExp(pattern).test(value)) {
      return fail(schema.description ?? `text that matches ${pattern}`)
    }
    if (minimum !== undefined && typeof value === 'number' && value < minimum) return fail(`at least ${minimum}`)
    if (maximum !== undefined && typeof value === 'number' && value > maximum) return fail(`at most ${maximum}`)
    return true
  }

  private checkParts(schema: Schema, value: unknown, path: string, depth: number): void {
    if (Array.isArray(value)) {
      const { items, minItems = 0, maxItems = Infinity } = schema
      if (value.length < minItems) this.report(path, `expected at least ${minItems} items, found ${value.length}`)
      if (value.length > maxItems) this.report(path, `expected at most ${maxItems} items, found ${value.length}`)
      if (items) value.forEach((item, index) => this.check(items, item, `${path}[${index}]`, depth + 1))
      return
    }
    if (!isObject(value)) return
    const { properties = {}, required = [], additionalProperties = true, propertyNames } = schema
    const within = (name: string): string => (path === '' ? name : `${path}.${name}`)
    for (const name of required) {
      if (!Object.hasOwn(value, name)) this.report(within(name), 'expected a value, found nothing')
    }
    for (const [name, part] of Object.entries(value)) {
      if (propertyNames && !this.checkScalar(propertyNames, name, within(name))) continue
      const own = Object.hasOwn(properties, name) ? properties[name] : undefined
      if (own) this.check(own, part, within(name), depth + 1)
      else if (additionalProperties === false) {
        this.report(within(name), `is no property here; these are: ${Object.keys(properties).join(', ')}`)
      } else if (typeof additionalProperties === 'object') {
        this.check(additionalProperties, part, within(name), depth + 1)
      }
    }
  }

  /** Of several shapes the one meant is told by its `type` or by the properties that are there. */
  private checkAny(shapes: readonly Schema[], value: unknown, path: string, depth: number): void {
    const attempts = shapes.map((shape) => {
      const errors: DescriptionError[] = []
      new Check(this.root, errors).check(shape, value, path, depth)
      return { shape, errors }
    })
    if (attempts.some(({ errors }) => errors.length === 0)) return
    const likely = attempts.filter(({ shape }) => this.isMeant(shape, value))
    const [only] = likely
    if (only && likely.length === 1) {
      for (const one of only.errors) this.errors.push(one)
      return
    }
    const named = shapes.flatMap((shape) => this.discriminators(shape))
    if (named.length > 0 && isObject(value)) {
      this.report(
        path === '' ? 'type' : `${path}.type`,
        `expected one of ${named.join(', ')}, found ${found(value['type'])}`,
      )
      return
    }
    const expected = shapes.map((shape) => describe(shape.$ref === undefined ? shape : this.resolve(shape.$ref)))
    this.report(path, `expected ${[...new Set(expected)].join(' or ')}, found ${found(value)}`)
  }

  private discriminators(shape: Schema): readonly (string | number | boolean)[] {
    const type = (shape.$ref === undefined ? shape : this.resolve(shape.$ref)).properties?.['type']
    return type?.const !== undefined ? [type.const] : (type?.enum ?? [])
  }

  private isMeant(shape: Schema, value: unknown): boolean {
    const resolved = shape.$ref === undefined ? shape : this.resolve(shape.$ref)
    const names = this.discriminators(resolved)
    if (isObject(value) && names.length > 0) return names.some((name) => name === value['type'])
    if (isObject(value) && resolved.required) return resolved.required.every((name) => Object.hasOwn(value, name))
    return resolved.type !== undefined && hasType(resolved.type, value)
  }
}

function describe(schema: Schema): string {
  if (schema.description !== undefined && schema.pattern !== undefined) return schema.description
  if (schema.pattern !== undefined) return `text that matches ${schema.pattern}`
  return schema.type === undefined ? 'another shape' : TYPE_WORDS[schema.type]
}
