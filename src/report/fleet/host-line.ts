import { severityRank } from '../severity.js'
import type { FindingReport, Report, Severity, Verdict } from '../types.js'

/** What a fleet is told of one host: all that counts are made of, in a few hundred bytes. */
export interface HostLine {
  readonly schema: 'intremap/host'
  readonly schemaVersion: string
  /** The path that it was read from. */
  readonly path: string
  readonly tool: Report['tool']
  readonly architecture: string
  readonly kernelRelease: string
  readonly machine: Report['platform']['machine']
  /** The weakest of the endpoints, that of their groups included. */
  readonly verdict: Verdict
  readonly devices: Readonly<Record<Verdict, number>>
  /** Endpoints that may be handed out now. */
  readonly assignable: number
  /** Rules that did not pass, each with its severest finding, in order of the rules. */
  readonly findings: readonly { readonly rule: string; readonly severity: Severity; readonly count: number }[]
  /** Pieces of evidence that could not be read. */
  readonly unread: number
  readonly exitCode: Report['exitCode']
}

/** A path of which nothing can be said. */
export interface HostError {
  readonly schema: 'intremap/host'
  readonly schemaVersion: string
  readonly path: string
  readonly error: string
}

function countsOf(findings: readonly FindingReport[]): HostLine['findings'] {
  const rules = new Map<string, { severity: Severity; count: number }>()
  for (const { rule, severity } of findings) {
    const found = rules.get(rule)
    if (!found) rules.set(rule, { severity, count: 1 })
    else {
      found.count += 1
      if (severityRank(severity) < severityRank(found.severity)) found.severity = severity
    }
  }
  return [...rules].sort(([one], [other]) => (one < other ? -1 : 1)).map(([rule, found]) => ({ rule, ...found }))
}

/** A report, cut down to a line. */
export function hostLine(path: string, report: Report): HostLine {
  const endpoints = report.devices.filter(({ role }) => role === 'endpoint')
  const having = (verdict: Verdict) => endpoints.filter((device) => device.effectiveVerdict === verdict).length
  const devices = {
    isolated: having('isolated'),
    'isolated-with-caveats': having('isolated-with-caveats'),
    'not-isolated': having('not-isolated'),
    unknown: having('unknown'),
  }
  const weakest = (['not-isolated', 'unknown', 'isolated-with-caveats', 'isolated'] as const).find(
    (verdict) => devices[verdict] > 0,
  )
  return {
    schema: 'intremap/host',
    schemaVersion: '1.0.0',
    path,
    tool: report.tool,
    architecture: report.platform.architecture,
    kernelRelease: report.platform.kernelRelease,
    machine: report.platform.machine,
    verdict: weakest ?? 'unknown',
    devices,
    assignable: endpoints.filter(({ assignable }) => assignable.answer === 'yes').length,
    findings: countsOf(report.findings),
    unread: report.unread.length,
    exitCode: report.exitCode,
  }
}

/** What is said of a path that holds no machine. */
export function hostError(path: string, error: string): HostError {
  return { schema: 'intremap/host', schemaVersion: '1.0.0', path, error }
}
