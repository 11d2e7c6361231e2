import { rules as RULES } from '../../rules/registry.js'
import type { JsonSchema } from '../../shapes/json-schema.js'
import { Mistakes, type Mistake } from '../../shapes/mistakes.js'
import { checkSchema } from '../../shapes/schema-check.js'
import type { Criterion, FailOn } from '../exit-code.js'

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

const RULES_HINT = 'intremap rules lists them'
const KNOWN_RULES: ReadonlySet<string> = new Set(RULES.map(({ id }) => id))

/** The file, as its schema has it. */
export interface PolicyFile {
  readonly schema: 'intremap/policy'
  readonly schemaVersion: string
  readonly description?: string
  readonly failOn?: readonly FailOn[]
  readonly criterion?: Criterion
  readonly failOnRules?: readonly string[]
}

function conforms(value: unknown, schema: JsonSchema, mistakes: Mistakes): value is PolicyFile {
  checkSchema(schema, value, mistakes)
  return mistakes.isEmpty
}

/**
 * The policy in a JSON document, or what is wrong with it: its shape, then what no shape says. A field or rule that is not
 * known is a mistake too: one that was misspelt would make a gate laxer than it looks.
 *
 * @param schema the published schema of policies; a test holds that what it takes is a `PolicyFile`
 */
export function parsePolicy(name: string, value: unknown, schema: JsonSchema): Policy | readonly Mistake[] {
  const mistakes = new Mistakes('policy')
  if (!conforms(value, schema, mistakes)) return mistakes.list
  const { failOn = ['not-isolated', 'unknown'], criterion = 'isolated', failOnRules = [] } = value
  if (failOn.includes('never') && failOn.length > 1) mistakes.add('failOn', 'has never beside other levels')
  for (const [index, rule] of failOnRules.entries()) {
    if (!KNOWN_RULES.has(rule)) mistakes.add(`failOnRules[${index}]`, `expected a rule, found ${rule}: ${RULES_HINT}`)
  }
  if (!mistakes.isEmpty) return mistakes.list
  return { name, failOn: new Set(failOn), criterion, rules: new Set(failOnRules) }
}
