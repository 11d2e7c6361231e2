import { weakest, type Verdict } from '../../rules/verdict.js'
import type { DeviceReport, FindingReport, GroupReport } from '../types.js'
import type { AcceptedEntry, Baseline } from './baseline.js'
import type { BaselineReport } from './gate-report.js'

/** What of a report a baseline is held against. */
export interface Judged {
  /** All of the machine, whatever was asked about. */
  readonly devices: readonly DeviceReport[]
  readonly groups: readonly GroupReport[]
  readonly findings: readonly FindingReport[]
}

const EVERY = '*'

/** Entries in force, as pairs of what they accept and where. */
export class Acceptance {
  private readonly pairs = new Set<string>()

  constructor(entries: readonly AcceptedEntry[]) {
    for (const { accepts, device = EVERY } of entries) this.pairs.add(`${accepts} ${device}`)
  }

  covers(what: string, device: string): boolean {
    return this.pairs.has(`${what} ${EVERY}`) || this.pairs.has(`${what} ${device}`)
  }

  /** Whether every function that a finding touches is accepted; one that touches none needs an entry for all. */
  coversFinding({ rule, devices }: FindingReport): boolean {
    return devices.length === 0 ? this.covers(rule, EVERY) : devices.every((device) => this.covers(rule, device))
  }
}

/** Entries that still count on that day, their last one included. */
export const entriesInForce = (entries: readonly AcceptedEntry[], day: string): readonly AcceptedEntry[] =>
  entries.filter(({ expires }) => expires >= day)

/** The verdict that a finding by itself makes of a function. */
function verdictOf({ effect, outcome }: FindingReport): Verdict {
  if (effect === 'caveat') return 'isolated-with-caveats'
  if (effect === 'none') return 'isolated'
  return outcome === 'fail' ? 'not-isolated' : 'unknown'
}

function findingsByDevice(findings: readonly FindingReport[]): ReadonlyMap<string, readonly FindingReport[]> {
  const found = new Map<string, FindingReport[]>()
  for (const finding of findings) {
    if (finding.effect === 'none') continue
    for (const device of finding.devices) {
      const list = found.get(device)
      if (list) list.push(finding)
      else found.set(device, [finding])
    }
  }
  return found
}

/**
 * All that has to be accepted before a function counts as good enough: every rule that weakens it, and the reason of its
 * verdict where the rules alone do not make it so weak.
 */
function neededOf(device: DeviceReport, weakening: readonly FindingReport[]): readonly string[] {
  const rules = weakening.map(({ rule }) => rule)
  const byRules = weakest(['isolated', ...weakening.map(verdictOf)])
  return weakest([byRules, device.verdict]) === byRules ? rules : [...rules, device.reason]
}

/** Whether findings of a rule, or a reason, are on this machine where an entry says. */
function isMatched({ accepts, device }: AcceptedEntry, { devices, findings }: Judged): boolean {
  return (
    devices.some(({ address, reason }) => reason === accepts && (device ?? address) === address) ||
    findings.some(({ rule, devices: of }) => rule === accepts && (device === undefined || of.includes(device)))
  )
}

/**
 * Holds a baseline against a machine. A function is good enough by it where all that weakens it is accepted, and all that
 * weakens the other members of its group: half of what makes it weak accepts nothing.
 *
 * @param day today in UTC, `YYYY-MM-DD`; an entry counts through its last day
 * @param fails whether a verdict fails without it
 */
export function applyBaseline(
  { name, entries }: Baseline,
  day: string,
  judged: Judged,
  fails: (verdict: Verdict) => boolean,
): BaselineReport {
  const inForce = entriesInForce(entries, day)
  const acceptance = new Acceptance(inForce)
  const weakening = findingsByDevice(judged.findings)
  const byName = new Map(judged.devices.map((device) => [device.address, device]))
  const isAcceptedAlone = (device: DeviceReport) =>
    !fails(device.verdict) ||
    neededOf(device, weakening.get(device.address) ?? []).every((what) => acceptance.covers(what, device.address))
  const groups = new Map(
    judged.groups.map(({ id, devices }) => {
      const members = devices.flatMap((address) => byName.get(address) ?? []).filter(({ role }) => role === 'endpoint')
      const verdict = weakest(['isolated', ...members.map((member) => member.verdict)])
      return [id, { verdict, isAccepted: members.every(isAcceptedAlone) }]
    }),
  )
  const isAccepted = (device: DeviceReport) => {
    const group = groups.get(device.iommuGroup) ?? { verdict: 'isolated', isAccepted: true }
    // A group may be weaker than its known members: of what makes it so no entry speaks.
    const explained = weakest([device.verdict, group.verdict])
    const isExplained = weakest([explained, device.effectiveVerdict]) === explained
    return isExplained && group.isAccepted && isAcceptedAlone(device)
  }
  return {
    name,
    day,
    accepted: inForce.filter((entry) => isMatched(entry, judged)),
    expired: entries.filter(({ expires }) => expires < day),
    unmatched: inForce.filter((entry) => !isMatched(entry, judged)),
    devices: judged.devices
      .filter((device) => device.role === 'endpoint' && fails(device.effectiveVerdict) && isAccepted(device))
      .map(({ address }) => address),
  }
}
