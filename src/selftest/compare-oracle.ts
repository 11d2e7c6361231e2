import type { DeviceReport, GateReport, Report } from '../index.js'
import { compared, type Comparison, type Question } from './comparison.js'
import type { Oracle, OracleDevice, OracleStep } from './oracle.js'

const show = (gate: GateReport) => `${gate.outcome}/${gate.errno}`

/** The gate's answer that a recorded round amounts to; undefined where the contract compares nothing. */
function expectedGate(
  device: OracleDevice,
  step: OracleStep | null,
  unsafe: OracleStep | null,
  parameter: string | null,
): readonly string[] | undefined {
  const bind = device.bind_vfio_pci
  if (!bind) return undefined
  if (bind.errno !== 0) return [`refuses/${bind.error}`, 'absent/none']
  if (step === null) return ['absent/none']
  if (step.stage === 'VFIO_GROUP_SET_CONTAINER') return undefined
  if (step.errno === 0) return ['accepts/none']
  if (step.error !== 'EPERM') return undefined
  if (parameter === 'Y') return unsafe?.errno === 0 ? ['accepts-by-override/none'] : undefined
  return ['refuses/EPERM']
}

const answer = (value: boolean) => (value ? 'yes' : 'no')

/**
 * `iommu_group_has_isolated_msi` and its older kin, by era. Where the capability was not watched, as on 5.10, whose function
 * for it has another name, the gate's own answer tells what the two came to.
 */
function machinePredicate(predicates: Readonly<Record<string, boolean>>, gate: OracleStep | undefined) {
  const global = predicates['irq_domain_check_msi_remap']
  if (global === undefined) return undefined
  // IOMMU_CAP_INTR_REMAP is capability 1 of the kernels that ask it.
  const capability = Object.entries(predicates).find(([name]) => /^device_iommu_capable\(.*,1\)$/.test(name))
  if (global || capability || !gate) return global || (capability?.[1] ?? false)
  return gate.errno === 0 ? true : gate.error === 'EPERM' && gate.stage === 'VFIO_SET_IOMMU' ? false : undefined
}

function* comparePredicates(
  report: Report,
  device: OracleDevice,
  actual: DeviceReport,
  watchesCapability: boolean,
): Generator<Comparison> {
  const predicates = device.strict?.kernel_predicates ?? {}
  const byName = new Map(report.devices.map((at) => [at.address, at]))
  const machine = machinePredicate(predicates, watchesCapability ? undefined : device.strict?.legacy)
  const compare = (question: Question, subject: string, value: boolean, said: string) =>
    compared(question, subject, [answer(value)], said)
  if (machine !== undefined) yield compare('device predicate', device.bdf, machine, actual.kernel.isolatedMsi)
  for (const [key, value] of Object.entries(predicates)) {
    const name = /^msi_device_has_isolated_msi\((.*)\)$/.exec(key)?.[1]
    const member = name === undefined ? undefined : byName.get(name)
    if (member) yield compare('device predicate', member.address, value, member.kernel.isolatedMsi)
  }
  const group = report.groups.find((at) => at.id === device.group)
  if (!group) return
  const grouped = machine ?? predicates['iommu_group_has_isolated_msi']
  if (grouped !== undefined) yield compare('group predicate', `group ${group.id}`, grouped, group.isolatedMsi)
}

/** The verdict against what the kernel showed: an isolated device has payload isolation and an IOMMU, and conversely. */
function* compareVerdict(device: OracleDevice, actual: DeviceReport): Generator<Comparison> {
  const bind = device.bind_vfio_pci
  if (!bind) return
  const predicates = device.strict?.kernel_predicates ?? {}
  const payload = predicates[`msi_device_has_isolated_msi(${device.bdf})`]
  const withoutIommu = device.group === null && (device.note ?? '') === 'no IOMMU group'
  if (payload === false || withoutIommu) {
    yield compared('never too strong', device.bdf, ['not-isolated', 'unknown'], actual.verdict)
  }
  if (payload === true && !withoutIommu) {
    yield compared('never too weak', device.bdf, ['isolated', 'isolated-with-caveats'], actual.verdict)
  }
}

/** Compares a report with what the kernel answered, as the contract's table says. */
export function compareWithOracle(report: Report, oracle: Oracle): readonly Comparison[] {
  const comparisons: Comparison[] = []
  const byName = new Map(report.devices.map((device) => [device.address, device]))
  for (const device of oracle.devices) {
    const actual = byName.get(device.bdf)
    if (device.skipped !== undefined || !actual) continue
    const gates = [
      ['vfioType1', device.strict?.legacy ?? null, device.unsafe_allowed?.legacy ?? null, 'vfio_iommu_type1'],
      ['iommufd', device.strict?.iommufd ?? null, device.unsafe_allowed?.iommufd ?? null, 'iommufd'],
    ] as const
    for (const [which, step, unsafe, module] of gates) {
      const expected = expectedGate(
        device,
        step,
        unsafe,
        oracle.params_as_booted[`${module}.allow_unsafe_interrupts`] ?? null,
      )
      if (!expected) continue
      const said = show(actual.kernel[which])
      comparisons.push(compared(which, device.bdf, expected, said))
    }
    if (device.bind_vfio_pci?.errno === 0 && device.strict?.legacy.stage === 'VFIO_GROUP_SET_CONTAINER') {
      const group = report.groups.find((at) => at.id === device.group)
      if (group) comparisons.push(compared('viable', `group ${group.id}`, ['no'], group.viable))
    }
    if (device.bind_vfio_pci?.errno === 0)
      for (const one of comparePredicates(report, device, actual, oracle.kprobes?.['device_iommu_capable'] !== false))
        comparisons.push(one)
    for (const one of compareVerdict(device, actual)) comparisons.push(one)
  }
  return comparisons
}
