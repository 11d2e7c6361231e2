import type { Provenance } from '../../machine/fact.js'
import type { Route } from '../../routes/route.js'
import { listOf, type DeviceRemark } from '../device-items.js'
import { evidenceFrom } from '../evidence.js'
import { fillMessage } from '../fill-message.js'
import type { Evidence, FoundCause, OutcomeItem, Subject } from '../rule.js'
import type { Cause, CauseDecision, CauseFamily, CauseSubject } from './cause.js'
import { CAUSES } from './registry.js'
import { lookedThrough } from './looked-through.js'

const EVIDENCE_SHOWN = 8

interface Decided {
  readonly cause: Cause
  readonly decision: CauseDecision
}

function found({ cause, decision }: Decided): FoundCause {
  const { id, actor, summary, remedy, lasting = false, covers = [], references } = cause
  const { details = {} } = decision
  // Each function of the report has it.
  const evidence = decision.evidence.slice(0, EVIDENCE_SHOWN)
  return {
    id,
    actor,
    summary: fillMessage(summary, details),
    remedy: fillMessage(remedy, details),
    lasting,
    covers,
    evidence,
    references,
  }
}

/** The first of the machine's causes that holds, in words. */
export function causeOfMachine(subject: Subject, causes: readonly Cause[]): FoundCause | undefined {
  const looked = lookedThrough(subject)
  for (const cause of causes) {
    const decision = cause.scope === 'machine' ? cause.decide(looked) : undefined
    if (decision) return found({ cause, decision })
  }
  return undefined
}

const keyOf = ({ from, value }: Evidence) => `${from.path} ${from.at?.offset ?? ''} ${value}`

const VALUES_SHOWN = 3

/** A few of the values in a sentence; a single one as it is. */
function someOf(values: readonly string[]): string {
  if (values.length <= 1) return values.join('')
  const left = values.length - VALUES_SHOWN
  return left > 0 ? `${values.slice(0, VALUES_SHOWN).join(', ')} and ${left} more` : listOf(values)
}

/** The details of several functions as one: each key with its different values, as a list. */
function joinedDetails(decisions: readonly CauseDecision[]): Readonly<Record<string, string>> {
  const values = new Map<string, Set<string>>()
  for (const { details = {} } of decisions)
    for (const [key, value] of Object.entries(details)) {
      const known = values.get(key)
      if (known) known.add(value)
      else values.set(key, new Set([value]))
    }
  return Object.fromEntries([...values].map(([key, each]) => [key, someOf([...each])]))
}

/** Functions with one cause, and what it is for each of them. */
class Caused {
  readonly byDevice = new Map<string, Decided>()
  private readonly places = new Map<string, Evidence>()
  private readonly remark: DeviceRemark
  private readonly cause: Cause

  constructor(remark: DeviceRemark, cause: Cause) {
    this.remark = remark
    this.cause = cause
  }

  add(device: string, decision: CauseDecision, from: readonly Provenance[]): void {
    this.byDevice.set(device, { cause: this.cause, decision })
    for (const evidence of [...decision.evidence, ...evidenceFrom(from)]) {
      if (this.places.size >= EVIDENCE_SHOWN) break
      this.places.set(keyOf(evidence), evidence)
    }
  }

  item(): OutcomeItem {
    const devices = [...this.byDevice.keys()]
    const evidence = [...this.places.values()]
    const details = joinedDetails([...this.byDevice.values()].map(({ decision }) => decision))
    const cause = found({ cause: this.cause, decision: { details, evidence } })
    return {
      subject: devices[0] ?? '',
      devices,
      message: this.remark.message,
      details: { ...this.remark.details, devices: listOf(devices), cause: cause.summary },
      evidence,
      actor: cause.actor,
      cause,
      causes: new Map([...this.byDevice].map(([device, decided]) => [device, found(decided)])),
    }
  }
}

/**
 * Functions that lack something, with the first cause of the family that holds for each. Functions with the same cause
 * are one item, whatever the names in it, so that one step answers all of them.
 */
export class CausedItems {
  private readonly byCause = new Map<string, Caused>()
  private readonly ofMachine = new Map<Cause, CauseDecision | undefined>()

  private readonly subject: CauseSubject

  constructor(subject: Subject) {
    this.subject = lookedThrough(subject)
  }

  /** @param remark `devices` and `cause` of its details are filled in */
  add(route: Route, family: CauseFamily, remark: DeviceRemark, from: readonly Provenance[]): void {
    this.keep(route, remark, this.firstOf(family, route), from)
  }

  private keep(route: Route, remark: DeviceRemark, decided: Decided, from: readonly Provenance[]): void {
    const key = JSON.stringify([remark.message, remark.details ?? {}, decided.cause.id])
    let caused = this.byCause.get(key)
    if (!caused) this.byCause.set(key, (caused = new Caused(remark, decided.cause)))
    caused.add(route.fn.name, decided.decision, from)
  }

  /** As `add`, where a cause holds; false where nothing here tells why. */
  addIfTold(route: Route, family: CauseFamily, remark: DeviceRemark, from: readonly Provenance[]): boolean {
    const decided = this.firstThatHolds(family, route)
    if (decided) this.keep(route, remark, decided, from)
    return decided !== undefined
  }

  list(): readonly OutcomeItem[] {
    return [...this.byCause.values()].map((caused) => caused.item())
  }

  private firstThatHolds(family: CauseFamily, route: Route): Decided | undefined {
    for (const cause of CAUSES[family].causes) {
      const decision = this.decide(cause, route)
      if (decision) return { cause, decision }
    }
    return undefined
  }

  private firstOf(family: CauseFamily, route: Route): Decided {
    const told = this.firstThatHolds(family, route)
    if (told) return told
    const { otherwise } = CAUSES[family]
    return { cause: otherwise, decision: this.decide(otherwise, route) ?? { evidence: [] } }
  }

  private decide(cause: Cause, route: Route): CauseDecision | undefined {
    if (cause.scope === 'device') return cause.decide(this.subject, route)
    if (!this.ofMachine.has(cause)) this.ofMachine.set(cause, cause.decide(this.subject))
    return this.ofMachine.get(cause)
  }
}
