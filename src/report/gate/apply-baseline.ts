import { rules } from '../../rules/registry.js'
import { weakest, type Reason, type Verdict } from '../../rules/verdict.js'
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

const REASON_OF: ReadonlyMap<string, Reason | undefined> = new Map(rules.map(({ id, reason }) => [id, reason]))

/** Whether a finding brings the verdict with this reason by itself; what is `unreadable` may be more than its rule asks. */
const isBroughtBy = ({ rule, effect, outcome }: FindingReport, reason: Reason) =>
  effect === 'not-isolated' && outcome === 'fail' && REASON_OF.get(rule) === reason

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
 * verdict unless one of the rules brings that. A function that has no IOMMU lacks it whatever else was accepted.
 */
function neededOf({ verdict, reason }: DeviceReport, weakening: readonly FindingReport[]): readonly string[] {
  const needed = weakening.map(({ rule }) => rule)
  const isExplained =
    verdict === 'isolated-with-caveats' ? needed.length > 0 : weakening.some((finding) => isBroughtBy(finding, reason))
  return isExplained ? needed : [...needed, reason]
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
 * @param isAcceptable whether what is asked of a function fails by what entries speak of
 */
export function applyBaseline(
  { name, entries }: Baseline,
  day: string,
  judged: Judged,
  fails: (verdict: Verdict) => boolean,
  isAcceptable: (device: DeviceReport) => boolean,
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
      .filter((device) => device.role === 'endpoint' && fails(device.effectiveVerdict))
      .filter((device) => isAcceptable(device) && isAccepted(device))
      .map(({ address }) => address),
  }
}
