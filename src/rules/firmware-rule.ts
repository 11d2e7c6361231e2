import { affectsWords } from './function-words.js'
import { NOT_APPLICABLE, type Outcome, type OutcomeItem, type Rule, type Subject } from './rule.js'

/**
 * An item, or what makes one: which functions it is about takes a look at each. Where the rule has no effect, what makes an
 * item makes none with an effect of its own.
 */
export type Found = OutcomeItem | (() => OutcomeItem)

/** What is said of a place in a description; without `devices` nobody is affected. */
export type Remark = Pick<OutcomeItem, 'message'> & Partial<Omit<OutcomeItem, 'subject' | 'evidence'>>

/** What a rule finds in a description; `unknown` where something else that it needs cannot be read. */
export interface Judgement {
  readonly failed: readonly Found[]
  readonly unknown?: readonly OutcomeItem[]
  /** False when the description has nothing that the rule is about. */
  readonly applicable?: boolean
}

/**
 * A rule about one description of the firmware as a row: what it says, and what it finds. In its messages `{affects}` is
 * which present functions an item is about.
 */
export interface FirmwareRow<Case> extends Omit<Rule, 'scope' | 'outcomes' | 'check'> {
  readonly judge: (at: Case) => Judgement
}

/** A description as its rules see it. */
interface Description<Case> {
  /** Subject of what is said of it as a whole. */
  readonly name: string
  /** Messages that all of its rules have. */
  readonly messages: Rule['messages']
  /** What there is to judge, or what is said where there is nothing; `lowered` are the functions that the rule can lower. */
  readonly open: (subject: Subject, lowered: readonly string[]) => Case | Outcome
}

/** Items that one rule reports of one description; more of the same help nobody. */
const ITEM_LIMIT = 100

/** What those of the items hold down that have an effect of their own. */
function loweredByItems(found: readonly Found[]): Pick<OutcomeItem, 'devices' | 'effect'> {
  const lowering = found.flatMap((one) =>
    typeof one !== 'function' && one.effect !== undefined && one.effect !== 'none' ? [one] : [],
  )
  if (lowering.length === 0) return { devices: [] }
  const isWorst = lowering.some(({ effect }) => effect === 'not-isolated')
  return {
    devices: [...new Set(lowering.flatMap(({ devices }) => devices))],
    effect: isWorst ? 'not-isolated' : 'caveat',
  }
}

/**
 * The first of what was found. What is not listed holds verdicts down all the same: where the rule has an effect that of
 * every function.
 */
function cut(found: readonly Found[], subject: string, lowered: readonly string[]): readonly OutcomeItem[] {
  const items = found.slice(0, ITEM_LIMIT).map((one) => {
    const item = typeof one === 'function' ? one() : one
    return { ...item, details: { affects: affectsWords(item.devices), ...item.details } }
  })
  if (found.length <= ITEM_LIMIT) return items
  const details = { count: String(found.length - ITEM_LIMIT) }
  const held = lowered.length > 0 ? { devices: lowered } : loweredByItems(found.slice(ITEM_LIMIT))
  return [...items, { subject, ...held, message: 'more', details, evidence: [] }]
}

/** The rule of a row. One with an effect can lower every function while its description cannot be read. */
export function firmwareRule<Case extends object>(
  { name, messages, open }: Description<Case>,
  { judge, ...row }: FirmwareRow<Case>,
): Rule {
  return {
    ...row,
    scope: 'firmware',
    outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
    messages: { more: '{count} more of the same are not listed.', ...messages, ...row.messages },
    check(subject) {
      const lowered = row.effect === 'none' ? [] : subject.routes.routes.map(({ fn }) => fn.name)
      const at = open(subject, lowered)
      if ('applicable' in at) return at
      const { failed, unknown = [], applicable = true } = judge(at)
      if (!applicable) return NOT_APPLICABLE
      return { failed: cut(failed, name, lowered), unknown: cut(unknown, name, lowered), applicable }
    },
  }
}
