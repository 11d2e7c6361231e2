import { readGateFile } from '../inputs/gate-file.js'
import { publishedSchema } from '../inputs/published-schema.js'
import type { Mistake } from '../shapes/mistakes.js'
import { parseBaseline, type Baseline } from '../report/gate/baseline.js'
import { NAMED_POLICIES, parsePolicy, type Policy } from '../report/gate/policy.js'
import type { GateOptions } from '../report/gate/gate.js'
import type { FlagTable } from './command-spec.js'
import { InputError, UsageError } from './errors.js'

/** What is good enough, where more than levels decide. */
export const GATE_FLAGS = {
  policy: {
    kind: 'string',
    summary: 'What is good enough: strict (no caveat), kernel (what this kernel would hand out), or a file.',
    value: 'strict|kernel|FILE',
    group: 'JUDGEMENT',
  },
  baseline: {
    kind: 'string',
    summary: 'A file of what is known and accepted for a time; it changes the exit code and no verdict.',
    value: 'FILE',
    group: 'JUDGEMENT',
  },
} as const satisfies FlagTable

interface GateFlags {
  readonly policy?: string | undefined
  readonly baseline?: string | undefined
  readonly assignable?: boolean
  readonly 'fail-on'?: readonly string[] | undefined
}

const isMistakes = (parsed: object): parsed is readonly Mistake[] => Array.isArray(parsed)

function valid<T extends object>(path: string, noun: 'policy' | 'baseline', parsed: T | readonly Mistake[]): T {
  if (!isMistakes(parsed)) return parsed
  throw new InputError(`${path} is no ${noun}`, {
    path,
    mistakes: parsed.map((mistake) => `${mistake.path}: ${mistake.message}`),
    hint: `intremap schema ${noun} prints how it has to look; docs/automation.md has an example.`,
  })
}

function policyOf({ policy: asked, assignable = false, 'fail-on': levels }: GateFlags): Policy | undefined {
  if (asked === undefined) return undefined
  if (assignable || levels !== undefined) {
    throw new UsageError(`--policy and ${assignable ? '--assignable' : '--fail-on'} exclude each other`, {
      path: '--policy',
      hint: 'A policy file has criterion and failOn for both.',
    })
  }
  if (asked === 'strict' || asked === 'kernel') return NAMED_POLICIES[asked]
  return valid(asked, 'policy', parsePolicy(asked, readGateFile(asked, 'a policy'), publishedSchema('policy')))
}

function baselineOf(
  { baseline: path, assignable = false }: GateFlags,
  policy: Policy | undefined,
): Baseline | undefined {
  if (path === undefined) return undefined
  const criterion = policy?.criterion ?? (assignable ? 'assignable' : 'isolated')
  if (criterion !== 'isolated') {
    throw new UsageError(`--baseline accepts what weakens isolation, and ${criterion} is another question`, {
      path: '--baseline',
      hint: criterion === 'assignable' ? 'Leave --assignable out.' : 'Use a policy whose criterion is isolated.',
    })
  }
  return valid(path, 'baseline', parseBaseline(path, readGateFile(path, 'a baseline'), publishedSchema('baseline')))
}

/** What decides the exit code, read and checked. Throws UsageError, InputError and NotFoundError. */
export function gateOptions(flags: GateFlags, now: Date): Pick<GateOptions, 'policy' | 'baseline'> {
  const policy = policyOf(flags)
  const baseline = baselineOf(flags, policy)
  return {
    ...(policy ? { policy } : {}),
    ...(baseline ? { baseline: { file: baseline, day: now.toISOString().slice(0, 10) } } : {}),
  }
}
