import { contextOf } from '../../kernel/build-context.js'
import { formatPciAddress, parsePciAddress } from '../../machine/identifiers.js'
import type { Machine } from '../../machine/machine.js'
import { kernelAnswers } from '../../routes/kernel-answers.js'
import { buildRoutes } from '../../routes/build.js'
import { membersThatStay } from '../../routes/group-members.js'
import { evaluate, type Evaluation } from '../../rules/evaluate.js'
import { RULESET } from '../../rules/registry.js'
import { weakest, type Verdict } from '../../rules/verdict.js'
import type { Route, RouteMap } from '../../routes/route.js'
import { controllerReports, iommuReports } from './components.js'
import { deviceReporter } from './device.js'
import { findingReport } from '../finding.js'
import { gateOf, type GateOptions } from '../gate/gate.js'
import { gateReleaseOf } from '../explain/gate-explanation.js'
import { groupReports, verdictOfMembers } from './group.js'
import { onlyRights } from './if-confirmed.js'
import { machineKinds } from '../machine-kinds.js'
import { interfacesReport } from './interfaces-report.js'
import { machineReport } from './machine-report.js'
import { askingFor, nextPieceOf } from './next-piece.js'
import { refusalsOf } from './refusals.js'
import { NotFoundError } from '../not-found.js'
import { platformDeviceReports } from './platform-device.js'
import type { DeviceReport, GroupReport, PlatformDeviceReport, Report } from '../types.js'
import { unreadOf } from './unread.js'
import { TOOL_VERSION } from '../version.js'

export interface ReportOptions extends GateOptions {
  /** Replaces the release for `kernel.*` only. */
  readonly kernelRelease?: string
  /** Addresses as lspci writes them, and names of platform devices that a group holds or an IOMMU serves. */
  readonly devices?: readonly string[]
  readonly groups?: readonly string[]
}

/** A report with what it was made from, for renderers that look deeper. */
export interface Analysis {
  readonly report: Report
  readonly routes: RouteMap
  readonly evaluation: Evaluation
}

function firmwareOf(machine: Machine): Report['platform']['firmware'] {
  const tables = machine.acpi.names
  const acpi = tables.state === 'known' && tables.value.some((name) => /^[A-Z]{4}\d*$/.test(name))
  const tree = machine.deviceTree.state === 'known' && machine.deviceTree.value.root.properties.has('compatible')
  if (acpi) return tree ? 'acpi+devicetree' : 'acpi'
  if (tree) return 'devicetree'
  return tables.state === 'unreadable' || machine.deviceTree.state === 'unreadable' ? 'unknown' : 'none'
}

/** What is asked about: PCI functions by address or group, and platform devices by name or group. */
interface Selection {
  readonly device: (device: DeviceReport) => boolean
  readonly platformDevice: (device: PlatformDeviceReport) => boolean
}

function select(map: RouteMap, options: ReportOptions): Selection {
  const { devices = [], groups = [] } = options
  if (devices.length === 0 && groups.length === 0) return { device: () => true, platformDevice: () => true }
  const platform = new Set(map.context.machine.platformDevices.map(({ name }) => name))
  const names = new Set<string>()
  for (const text of devices) {
    const address = parsePciAddress(text)
    const name = address && formatPciAddress(address)
    if (platform.has(text)) {
      names.add(text)
      continue
    }
    if (name === undefined || !map.byName.has(name)) throw new NotFoundError('device', text, [...map.byName.keys()])
    names.add(name)
  }
  const known =
    map.context.machine.groups.state === 'known' ? map.context.machine.groups.value.map((group) => group.id) : []
  for (const id of groups) if (!known.includes(id)) throw new NotFoundError('group', id, known)
  return {
    device: ({ address, iommuGroup }) => names.has(address) || groups.includes(iommuGroup),
    platformDevice: ({ name, iommuGroup }) => names.has(name) || groups.includes(iommuGroup),
  }
}

/** The weaker of a function's verdict and that of the members its group has once it is handed out. */
function effectiveVerdict(
  map: RouteMap,
  route: Route,
  { devices }: Evaluation,
  groups: ReadonlyMap<string, GroupReport>,
): Verdict {
  const own = devices.get(route.fn.name)?.verdict ?? 'unknown'
  const group = route.fn.iommuGroup.state === 'known' ? map.context.groups.get(route.fn.iommuGroup.value) : undefined
  if (!group) return own
  const asItIs = groups.get(group.id)
  if (asItIs && !map.behind.has(route.fn.name)) return weakest([own, asItIs.verdict])
  return weakest([own, verdictOfMembers(membersThatStay(map, group, route), devices)])
}

/** Joins, judges and reports a machine. Throws `NotFoundError` when an asked device or group is not there. */
export function analyse(machine: Machine, options: ReportOptions = {}): Analysis {
  const routes = buildRoutes(contextOf(machine))
  const evaluation = evaluate({ machine, routes })
  const asked = options.kernelRelease === undefined ? routes : buildRoutes(contextOf(machine, options.kernelRelease))
  const answers = kernelAnswers(asked)
  const observed = machine.kernel.release.state === 'known' ? machine.kernel.release.value : 'unknown'

  const groups = groupReports(asked, routes, evaluation.devices, answers)
  const unread = unreadOf(machine)
  const missesOnlyRights = onlyRights(unread)
  const byGroup = new Map(groups.map((group) => [group.id, group]))
  const reportOf = deviceReporter(asked, answers)
  const allDevices = routes.routes.map((route) =>
    reportOf({
      route,
      asked: asked.byName.get(route.fn.name) ?? route,
      judged: evaluation.devices.get(route.fn.name),
      effectiveVerdict: effectiveVerdict(routes, route, evaluation, byGroup),
      missesOnlyRights,
    }),
  )
  const selection = select(routes, options)
  const devices = allDevices.filter(selection.device)
  const endpoints = devices.filter((device) => device.role === 'endpoint')
  const count = (verdict: Verdict) => endpoints.filter((device) => device.verdict === verdict).length
  const platform: Report['platform'] = {
    architecture: machine.kernel.architecture.state === 'known' ? machine.kernel.architecture.value : 'unknown',
    firmware: firmwareOf(machine),
    kernelRelease: options.kernelRelease ?? observed,
    kernelReleaseObserved: observed,
    gateRule: answers.rule,
    gateRelease: gateReleaseOf(options.kernelRelease ?? observed),
    virtualized: machine.virtualization.virtualized,
    machine: machineReport(machine),
    interfaces: interfacesReport(asked.context),
  }
  const kinds = machineKinds(platform)
  const { inputs } = machine.origin
  const nextPiece = inputs ? nextPieceOf(routes.context, routes.context.remappingByLog() !== undefined) : 'none'
  const findings = evaluation.findings.map((finding) => askingFor(findingReport(finding, kinds), finding, nextPiece))
  const { exitCode, summary: gate } = gateOf({ devices: allDevices, groups, findings }, devices, options)
  const report: Report = {
    schema: 'intremap/report',
    schemaVersion: '1.0.0',
    tool: { name: 'intremap', version: TOOL_VERSION, ruleset: RULESET },
    source: { kind: machine.origin.kind, name: machine.origin.name },
    ...(inputs ? { inputs, nextPiece, refusals: refusalsOf(machine) } : {}),
    platform,
    summary: {
      verdict: weakest(endpoints.map((device) => device.verdict)),
      devices: {
        isolated: count('isolated'),
        'isolated-with-caveats': count('isolated-with-caveats'),
        'not-isolated': count('not-isolated'),
        unknown: count('unknown'),
      },
    },
    devices,
    groups,
    platformDevices: platformDeviceReports(routes.context).filter(selection.platformDevice),
    iommus: iommuReports(routes),
    msiControllers: controllerReports(routes),
    findings,
    unread,
    ...(gate ? { gate } : {}),
    exitCode,
  }
  return { report, routes, evaluation }
}

/** The report alone. */
export function buildReport(machine: Machine, options: ReportOptions = {}): Report {
  return analyse(machine, options).report
}
