import { baseGrounds, type Ground } from './base.js'
import { rules } from './registry.js'
import type { Effect, Outcome, OutcomeItem, OutcomeKind, Rule, Subject } from './rule.js'
import { firstReason, weakest, type Reason, type Verdict } from './verdict.js'

/** A rule's result on one subject. */
export interface Finding {
  readonly rule: Rule
  readonly kind: 'fail' | 'unknown'
  readonly item: OutcomeItem
}

export interface DeviceVerdict {
  readonly verdict: Verdict
  readonly reason: Reason
  /** Rules that did not pass for this function, by id. */
  readonly findings: readonly Finding[]
  /** Ids of the rules that hold the verdict down. */
  readonly loweredBy: readonly string[]
}

export interface Evaluation {
  /** By the function's sysfs name. */
  readonly devices: ReadonlyMap<string, DeviceVerdict>
  readonly findings: readonly Finding[]
  /** What became of each rule on this machine. */
  readonly outcomes: ReadonlyMap<string, OutcomeKind>
}

/** What became of a rule, from its items. */
export function kindOfOutcome(outcome: Outcome): OutcomeKind {
  if (!outcome.applicable) return 'not-applicable'
  if (outcome.failed.length > 0) return 'fail'
  return outcome.unknown.length > 0 ? 'unknown' : 'pass'
}

/** The item's own effect, else the rule's. */
function effectOf(finding: Finding): Effect {
  return finding.item.effect ?? finding.rule.effect
}

function groundOf(finding: Finding): Ground | undefined {
  switch (effectOf(finding)) {
    case 'not-isolated':
      return finding.kind === 'fail'
        ? { verdict: 'not-isolated', reason: finding.rule.reason ?? 'witnesses-disagree' }
        : { verdict: 'unknown', reason: 'unreadable' }
    case 'caveat':
    case 'none':
      return undefined
  }
}

const NOTHING: readonly never[] = []

function verdictOf(route: Subject['routes']['routes'][number], findings: readonly Finding[]): DeviceVerdict {
  const base = baseGrounds(route)
  const [only, ...others] = base
  if (findings.length === 0 && only && others.length === 0) {
    return { verdict: only.verdict, reason: only.reason, findings, loweredBy: NOTHING }
  }
  const grounds = [...base]
  const loweredBy = new Set<string>()
  let caveat = false
  for (const finding of findings) {
    const ground = groundOf(finding)
    if (ground) grounds.push(ground)
    if (effectOf(finding) === 'caveat') caveat = true
    if (effectOf(finding) !== 'none') loweredBy.add(finding.rule.id)
  }
  const verdict = weakest([
    ...grounds.map((ground) => ground.verdict),
    ...(caveat ? (['isolated-with-caveats'] as const) : []),
  ])
  const holding = grounds.filter((ground) => ground.verdict === verdict)
  const reason =
    firstReason((holding.length > 0 ? holding : base).map((ground) => ground.reason)) ?? 'controller-unknown'
  return { verdict, reason, findings, loweredBy: [...loweredBy].sort() }
}

/**
 * A finding in a table or tree that says of the same functions what a cause says takes the cause's remedy, so that one
 * step answers both.
 */
function withCause(finding: Finding, caused: readonly OutcomeItem[]): Finding {
  const { rule, kind, item } = finding
  if (kind !== 'fail' || item.cause || item.devices.length === 0) return finding
  const same = caused.find(
    ({ cause, causes }) => cause?.covers.includes(rule.id) && item.devices.every((device) => causes?.has(device)),
  )
  return same?.cause ? { ...finding, item: { ...item, cause: same.cause } } : finding
}

/** Functions that were told of, with the owners whose ids they share. */
interface Told {
  readonly owners: ReadonlySet<string>
  readonly devices: Set<string>
}

/** What was told of ids that several owners have: who they are, and which functions it was about. */
class ToldOfSharedIds {
  /** By space, and by the owners. */
  private readonly bySpace = new Map<string, Map<string, Told>>()

  /** Whether earlier findings say all of it: of the same owners, and of all its functions. Notes it where not. */
  already({ shares, devices }: OutcomeItem): boolean {
    if (!shares) return false
    const told = this.bySpace.get(shares.space) ?? new Map<string, Told>()
    this.bySpace.set(shares.space, told)
    const same = [...told.values()].filter(({ owners }) => shares.owners.every((owner) => owners.has(owner)))
    if (same.length > 0 && devices.every((device) => same.some((one) => one.devices.has(device)))) return true
    const key = JSON.stringify([...shares.owners].sort())
    const own = told.get(key) ?? { owners: new Set(shares.owners), devices: new Set() }
    told.set(key, own)
    for (const device of devices) own.devices.add(device)
    return false
  }
}

/** Runs every rule of the registry, or of `asked`, and combines base and effects as the contract's lattice says. */
export function evaluate(subject: Subject, asked: readonly Rule[] = rules): Evaluation {
  const found: Finding[] = []
  const { routes } = subject
  // A chipset function is nobody's to assign: no rule has anything to say about it.
  const counted = routes.routes.filter(({ role }) => role !== 'chipset')
  const judged: Subject = { ...subject, routes: { ...routes, routes: counted } }
  const outcomes = new Map<string, OutcomeKind>()
  const told = new ToldOfSharedIds()
  for (const rule of asked) {
    const outcome = rule.check(judged)
    outcomes.set(rule.id, kindOfOutcome(outcome))
    for (const item of outcome.failed) if (!told.already(item)) found.push({ rule, kind: 'fail', item })
    for (const item of outcome.unknown) found.push({ rule, kind: 'unknown', item })
  }
  const caused = found.flatMap(({ item }) => (item.causes ? [item] : []))
  const findings = found.map((finding) => withCause(finding, caused))
  const byDevice = new Map<string, Finding[]>()
  for (const finding of findings) {
    for (const device of finding.item.devices) {
      const list = byDevice.get(device)
      if (list) list.push(finding)
      else byDevice.set(device, [finding])
    }
  }
  const devices = new Map(
    routes.routes.map((route) => [route.fn.name, verdictOf(route, byDevice.get(route.fn.name) ?? NOTHING)] as const),
  )
  return { devices, findings, outcomes }
}
