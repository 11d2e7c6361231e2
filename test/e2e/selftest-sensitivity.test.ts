import { describe, expect, it } from 'vitest'
import { buildReport, emulatedMachines, openBundledMachine, probeMachine, type Report } from '../../src/index.js'
import { judge } from '../../src/selftest/judge.js'
import { parseMachineFile, type Expected, type MachineFile } from '../../src/selftest/machine-file.js'
import {
  parseOracle,
  type Oracle,
  type OracleDevice,
  type OracleRound,
  type OracleStep,
} from '../../src/selftest/oracle.js'

/** One expectation turned round, and what it is. */
interface Flip {
  readonly what: string
  readonly machine: MachineFile | undefined
  readonly oracle: Oracle | undefined
}

const REFUSED: OracleStep = { errno: 1, error: 'EPERM', stage: 'VFIO_SET_IOMMU' }
const TAKEN: OracleStep = { errno: 0, error: 'OK', stage: null }

const turned = (step: OracleStep) => (step.errno === 0 ? REFUSED : TAKEN)

/** The answers of the round that is compared: both ways to assign, and every function of the kernel. */
function* roundsTurned(round: OracleRound): Generator<readonly [string, OracleRound]> {
  yield ['legacy', { ...round, legacy: turned(round.legacy) }]
  if (round.iommufd) yield ['iommufd', { ...round, iommufd: turned(round.iommufd) }]
  for (const [name, value] of Object.entries(round.kernel_predicates)) {
    yield [name, { ...round, kernel_predicates: { ...round.kernel_predicates, [name]: !value } }]
  }
}

function* devicesTurned(device: OracleDevice): Generator<readonly [string, OracleDevice]> {
  const { bind_vfio_pci: bind, strict } = device
  if (device.skipped !== undefined || !bind) return
  const other = bind.errno === 0 ? { errno: 22, error: 'EINVAL' } : { errno: 0, error: 'OK' }
  yield ['bind', { ...device, bind_vfio_pci: other, strict: { legacy: TAKEN, iommufd: null, kernel_predicates: {} } }]
  if (bind.errno !== 0 || !strict) return
  for (const [what, round] of roundsTurned(strict)) yield [what, { ...device, strict: round }]
}

function* oracleFlips(oracle: Oracle): Generator<Flip> {
  for (const [index, device] of oracle.devices.entries()) {
    for (const [what, changed] of devicesTurned(device)) {
      const devices = oracle.devices.with(index, changed)
      yield { what: `${device.bdf} ${what}`, machine: undefined, oracle: { ...oracle, devices } }
    }
  }
}

function* expectedFlips(machine: MachineFile, expected: Expected): Generator<Flip> {
  const flip = (what: string, changed: Partial<Expected>): Flip => ({
    what,
    machine: { ...machine, expected: { ...expected, ...changed } },
    oracle: undefined,
  })
  if (expected.verdict !== undefined) yield flip('verdict', { verdict: 'something else' })
  for (const [index, device] of expected.devices.entries()) {
    for (const field of Object.keys(device)) {
      const devices = expected.devices.with(index, { ...device, [field]: 'something else' })
      yield flip(`${device.address} ${field}`, { devices })
    }
  }
  for (const [index, rule] of (expected.findings ?? []).entries()) {
    yield flip(rule, { findings: (expected.findings ?? []).with(index, 'IR999') })
  }
}

/** Answers about what the report does not hold: a gate left open, a group yet to come, a function of the whole machine. */
function isFree(report: Report, oracle: Oracle | undefined, what: string): boolean {
  const [address = '', question = ''] = what.split(' ')
  const group = oracle?.devices.find(({ bdf }) => bdf === address)?.group
  if (question.startsWith('iommu_group_')) return !report.groups.some(({ id }) => id === group)
  const device = report.devices.find((at) => at.address === address)
  if (device?.kernel.vfioType1.outcome === 'unknown' && ['bind', 'legacy'].includes(question)) return true
  return question.startsWith('device_iommu_capable')
}

async function opened(name: string) {
  const { sysroot, extras } = await openBundledMachine(name)
  const text = (file: string) => new TextDecoder().decode(extras.get(file))
  return {
    report: buildReport(probeMachine(sysroot)),
    machine: extras.has('machine.json') ? parseMachineFile(text('machine.json')) : undefined,
    oracle: extras.has('oracle.json') ? parseOracle(text('oracle.json')) : undefined,
  }
}

describe('the self-test is red when one expectation is turned round', () => {
  it.each(emulatedMachines())('%s', async (name) => {
    const { report, machine, oracle } = await opened(name)
    expect(judge(report, machine, oracle).differences).toEqual([])
    const flips = [
      ...(oracle ? oracleFlips(oracle) : []),
      ...(machine?.expected ? expectedFlips(machine, machine.expected) : []),
    ]
    expect(flips.length).toBeGreaterThan(0)
    const unseen = flips.filter((flip) => judge(report, flip.machine, flip.oracle).differences.length === 0)
    expect(unseen.map(({ what }) => what).filter((what) => !isFree(report, oracle, what))).toEqual([])
  })
})
