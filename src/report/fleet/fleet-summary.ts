import type { Severity, Verdict } from '../types.js'
import type { HostError, HostLine } from './host-line.js'

/** Hosts that are alike in all that matters: what mends one mends the others. */
export interface FleetCluster {
  readonly hosts: number
  readonly verdict: Verdict
  readonly machine: string
  readonly firmwareVersion: string
  readonly firmwareFingerprint: string
  readonly kernelRelease: string
  /** Rules above info that did not pass. */
  readonly rules: readonly string[]
  /** Paths of the first of them. */
  readonly examples: readonly string[]
}

export interface FleetReport {
  readonly schema: 'intremap/fleet'
  readonly schemaVersion: string
  readonly hosts: Readonly<Record<Verdict, number>>
  readonly devices: Readonly<Record<Verdict, number>>
  /** Endpoints that may be handed out now. */
  readonly assignable: number
  /** Hosts on which each rule did not pass, the most frequent first. */
  readonly findings: readonly { readonly rule: string; readonly severity: Severity; readonly hosts: number }[]
  /** The worst first, then the largest. */
  readonly clusters: readonly FleetCluster[]
  /** Hosts in clusters that were too many to keep apart. */
  readonly unclustered: number
  /** Paths of which nothing can be said: how many, and the first of them. */
  readonly errors: {
    readonly count: number
    readonly first: readonly { readonly path: string; readonly error: string }[]
  }
  /** 1 a host has a device that is not isolated, 3 none has and one cannot be judged, else 0. */
  readonly exitCode: 0 | 1 | 3
}

/** What is kept, so that memory does not grow with the fleet. */
const MOST_CLUSTERS = 4096
const EXAMPLES = 3
const ERRORS_KEPT = 20
const RANK: Record<Verdict, number> = { 'not-isolated': 0, unknown: 1, 'isolated-with-caveats': 2, isolated: 3 }

const none = (): Record<Verdict, number> => ({ isolated: 0, 'isolated-with-caveats': 0, 'not-isolated': 0, unknown: 0 })

interface Growing extends Omit<FleetCluster, 'hosts' | 'examples'> {
  hosts: number
  readonly examples: string[]
}

function machineWords({ vendor, product }: HostLine['machine']): string {
  const words = [...new Set([vendor, product])].filter((word) => !['none', 'unknown', 'redacted'].includes(word))
  return words.length > 0 ? words.join(' ') : 'unknown'
}

/** Counts hosts one by one; what it keeps is bounded. */
export class FleetCounter {
  private readonly hosts = none()
  private readonly devices = none()
  private assignable = 0
  private readonly findings = new Map<string, { severity: Severity; hosts: number }>()
  private readonly clusters = new Map<string, Growing>()
  private unclustered = 0
  private errors = 0
  private readonly firstErrors: { readonly path: string; readonly error: string }[] = []
  private readonly exitCodes = new Set<number>()

  add(host: HostLine | HostError): void {
    if ('error' in host) {
      this.errors += 1
      if (this.firstErrors.length < ERRORS_KEPT) this.firstErrors.push({ path: host.path, error: host.error })
      return
    }
    this.hosts[host.verdict] += 1
    this.assignable += host.assignable
    this.exitCodes.add(host.exitCode)
    for (const verdict of ['isolated', 'isolated-with-caveats', 'not-isolated', 'unknown'] as const) {
      this.devices[verdict] += host.devices[verdict]
    }
    for (const { rule, severity } of host.findings) {
      const found = this.findings.get(rule)
      if (found) found.hosts += 1
      else this.findings.set(rule, { severity, hosts: 1 })
    }
    this.cluster(host)
  }

  private cluster(host: HostLine): void {
    const { verdict, machine, kernelRelease } = host
    const rules = host.findings.filter(({ severity }) => severity !== 'info').map(({ rule }) => rule)
    const { firmwareFingerprint, firmwareVersion } = machine
    const key = JSON.stringify([verdict, firmwareFingerprint, firmwareVersion, kernelRelease, rules])
    const found = this.clusters.get(key)
    if (found) {
      found.hosts += 1
      if (found.examples.length < EXAMPLES) found.examples.push(host.path)
      return
    }
    if (this.clusters.size >= MOST_CLUSTERS) {
      this.unclustered += 1
      return
    }
    this.clusters.set(key, {
      hosts: 1,
      verdict,
      machine: machineWords(machine),
      firmwareVersion,
      firmwareFingerprint,
      kernelRelease,
      rules,
      examples: [host.path],
    })
  }

  report(): FleetReport {
    const counted = Object.values(this.hosts).reduce((sum, number) => sum + number, 0)
    const isOpen = this.errors > 0 || counted === 0 || this.exitCodes.has(3)
    return {
      schema: 'intremap/fleet',
      schemaVersion: '1.0.0',
      hosts: this.hosts,
      devices: this.devices,
      assignable: this.assignable,
      findings: [...this.findings]
        .map(([rule, { severity, hosts }]) => ({ rule, severity, hosts }))
        .sort((one, other) => other.hosts - one.hosts || (one.rule < other.rule ? -1 : 1)),
      clusters: [...this.clusters.values()].sort(
        (one, other) => RANK[one.verdict] - RANK[other.verdict] || other.hosts - one.hosts,
      ),
      unclustered: this.unclustered,
      errors: { count: this.errors, first: this.firstErrors },
      exitCode: this.exitCodes.has(1) ? 1 : isOpen ? 3 : 0,
    }
  }
}
