import { rules as RULES } from '../../rules/registry.js'
import type { Criterion, FailOn } from '../exit-code.js'
import { isJsonObject } from '../json-value.js'

/** What is good enough: it decides the exit code and never a verdict. */
export interface Policy {
  /** `strict`, `kernel`, or the file. */
  readonly name: string
  readonly failOn: ReadonlySet<FailOn>
  readonly criterion: Criterion
  /** Rules that have to pass, whatever the verdict. */
  readonly rules: ReadonlySet<string>
}

const NONE: ReadonlySet<string> = new Set()

/** Policies that need no file. */
export const NAMED_POLICIES: Readonly<Record<'strict' | 'kernel', Policy>> = {
  // Isolated and nothing else.
  strict: {
    name: 'strict',
    failOn: new Set(['caveats', 'not-isolated', 'unknown']),
    criterion: 'isolated',
    rules: NONE,
  },
  // What this kernel would hand out without an override, whatever the rules here say.
  kernel: { name: 'kernel', failOn: new Set(['not-isolated', 'unknown']), criterion: 'kernel', rules: NONE },
}

const FAIL_ON: readonly FailOn[] = ['caveats', 'not-isolated', 'unknown', 'never']
const CRITERIA: readonly Criterion[] = ['isolated', 'assignable', 'kernel']
const FIELDS: ReadonlySet<string> = new Set([
  'schema',
  'schemaVersion',
  'description',
  'failOn',
  'criterion',
  'failOnRules',
])
const KNOWN_RULES: ReadonlySet<string> = new Set(RULES.map(({ id }) => id))

const isFailOn = (value: unknown): value is FailOn => FAIL_ON.some((level) => level === value)
const isCriterion = (value: unknown): value is Criterion => CRITERIA.some((criterion) => criterion === value)
const isRule = (value: unknown): value is string => typeof value === 'string' && KNOWN_RULES.has(value)

/**
 * The policy in a JSON document, or what is wrong with it. A field or rule that is not known is a mistake too: one that
 * was misspelt would make a gate laxer than it looks.
 */
export function parsePolicy(name: string, value: unknown): Policy | readonly string[] {
  if (!isJsonObject(value)) return ['it is no object']
  const { schema, schemaVersion, description, failOn = ['not-isolated', 'unknown'], criterion = 'isolated' } = value
  const { failOnRules = [] } = value
  const levels = Array.isArray(failOn) && failOn.every(isFailOn) && failOn.length > 0 ? new Set(failOn) : undefined
  const rules = Array.isArray(failOnRules) && failOnRules.every(isRule) ? new Set(failOnRules) : undefined
  const mistakes = [
    ...(schema === 'intremap/policy' ? [] : ['schema is not intremap/policy']),
    ...(typeof schemaVersion === 'string' && schemaVersion.startsWith('1.') ? [] : ['schemaVersion is not 1.x']),
    ...(description === undefined || typeof description === 'string' ? [] : ['description is no text']),
    ...(levels ? [] : [`failOn is no list of ${FAIL_ON.join(', ')}`]),
    ...(levels?.has('never') && levels.size > 1 ? ['failOn has never beside other levels'] : []),
    ...(isCriterion(criterion) ? [] : [`criterion is none of ${CRITERIA.join(', ')}`]),
    ...(rules ? [] : ['failOnRules is no list of rules such as IR001']),
    ...Object.keys(value)
      .filter((field) => !FIELDS.has(field))
      .map((field) => `there is no field ${field}`),
  ]
  if (mistakes.length > 0 || !levels || !rules || !isCriterion(criterion)) return mistakes
  return { name, failOn: levels, criterion, rules }
}
