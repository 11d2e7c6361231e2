import { describe, expect, it } from 'vitest'
import { RedactingSysroot } from '../../src/capture/redacting-sysroot.js'
import { probeMachine } from '../../src/probes/machine.js'
import { buildReport } from '../../src/report/probe/build.js'
import type { Report } from '../../src/report/types.js'
import { compareWithOracle } from '../../src/selftest/compare-oracle.js'
import type { Comparison } from '../../src/selftest/comparison.js'
import { judge, type Judgement } from '../../src/selftest/judge.js'
import { parseOracle, type Oracle } from '../../src/selftest/oracle.js'
import type { Bundle } from '../../src/sysroot/bundle-sysroot.js'
import { captureNames, openCapture } from '../support/captures.js'

/**
 * Verdicts may be weaker than the kernel's answer only for these reasons: of two functions below a PCIe-to-PCI bridge
 * behind an SMMUv3 the one with a group shares its DeviceID with the other (beyond-kernel.md H7); `intremap=nosid` lets every
 * source use every entry, and the kernel's flag does not know (H13).
 */
const MAY_LOWER = ['IR101', 'IR004']

interface Compared {
  readonly name: string
  readonly report: Report
  readonly oracle: Oracle
  readonly comparisons: readonly Comparison[]
  readonly judgement: Judgement
}

function oracleOf({ extras }: Bundle): Oracle {
  const oracle = parseOracle(new TextDecoder().decode(extras.get('oracle.json')))
  if (!oracle) throw new Error('a capture without oracle.json')
  return oracle
}

async function compareAll(names: readonly string[]): Promise<readonly Compared[]> {
  return Promise.all(
    names.map(async (name) => {
      const bundle = await openCapture(name)
      const report = buildReport(probeMachine(new RedactingSysroot(bundle.sysroot)))
      const oracle = oracleOf(bundle)
      return {
        name,
        report,
        oracle,
        comparisons: compareWithOracle(report, oracle),
        judgement: judge(report, undefined, oracle),
      }
    }),
  )
}

const names = captureNames()

describe.skipIf(names.length === 0)(`${names.length} captures against what their kernels answered`, async () => {
  const machines = await compareAll(names)
  const comparisons = machines.flatMap((machine) => machine.comparisons)
  const endpoints = machines.flatMap(({ report }) => report.devices.filter((device) => device.role === 'endpoint'))

  it('agree on every question', () => {
    for (const question of new Set(comparisons.map((at) => at.question))) {
      const asked = comparisons.filter((at) => at.question === question)
      const agreed = asked.filter((at) => at.agrees).length
      console.log(`${question}: ${agreed}/${asked.length}`)
    }
    const undecided = machines.flatMap(({ name, judgement }) =>
      judgement.undecided.map((at) => `${name} ${at.subject}`),
    )
    console.log(`gates left open: ${undecided.join(', ') || 'none'}`)
    expect(machines.flatMap(({ name, judgement }) => judgement.differences.map((at) => ({ name, ...at })))).toEqual([])
    expect(undecided).toEqual([])
  })

  it('are weaker than their kernel only by rules that know more', () => {
    const lowered = machines.flatMap(({ name, judgement }) => judgement.lowered.map((at) => ({ name, ...at })))
    for (const { name, subject, actual, rules } of lowered)
      console.log(`${name} ${subject}: ${actual} by ${rules.join()}`)
    expect(lowered.flatMap(({ rules }) => rules).filter((rule) => !MAY_LOWER.includes(rule))).toEqual([])
  })

  it('hand out nothing that VFIO refused', () => {
    const asked = machines.flatMap(({ name, report, oracle }) =>
      oracle.devices.flatMap(({ bdf, bind_vfio_pci: bind, strict }) => {
        const found = report.devices.find(({ address }) => address === bdf)?.assignable
        const refused = bind !== undefined && (bind.errno !== 0 || strict?.legacy.error === 'EPERM')
        return found && refused ? [{ at: `${name} ${bdf}`, through: found.interfaces.includes('vfioType1') }] : []
      }),
    )
    console.log(`refused by VFIO type1 and not handed out: ${asked.length}`)
    expect(asked.filter(({ through }) => through)).toEqual([])
    expect(asked.length).toBeGreaterThan(100)
  })

  it('leave no verdict open', () => {
    const unknown = endpoints.filter((device) => device.verdict === 'unknown')
    console.log(`unknown verdicts: ${unknown.length} of ${endpoints.length} endpoints`)
    expect(unknown).toEqual([])
  })
})
