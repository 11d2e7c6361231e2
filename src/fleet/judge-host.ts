import { buildReport, openSysroot, probeMachine } from '../index.js'
import { CommandError } from '../inputs/errors.js'
import { readReport } from '../inputs/report-file.js'
import { hostError, hostLine, type HostError, type HostLine } from '../report/fleet/host-line.js'
import { isCurrentReport } from '../report/fleet/kept-report.js'

/**
 * The line of one host, from a capture, a tree, other evidence, or a report that was kept. What cannot be read is a line
 * too: one bad input never ends a run.
 */
export async function judgeHost(path: string): Promise<HostLine | HostError> {
  try {
    const kept = readReport(path)
    if (kept.kind === 'report') {
      return isCurrentReport(kept.report)
        ? hostLine(path, kept.report)
        : hostError(path, 'a report of an earlier version: capture the machine, or make the report anew')
    }
    const contents = kept.content === undefined ? undefined : new Map([[path, kept.content]])
    const sysroot = await openSysroot({ evidence: [path], contents })
    return hostLine(path, buildReport(probeMachine(sysroot)))
  } catch (error) {
    const isToldOf = error instanceof CommandError || (error instanceof Error && error.name === 'BundleError')
    return hostError(path, isToldOf ? error.message : `it could not be judged: ${String(error)}`)
  }
}
