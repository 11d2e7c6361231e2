import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { probeMachine } from '../../src/probes/machine.js'
import { buildReport } from '../../src/report/probe/build.js'
import { compareWithOracle } from '../../src/selftest/compare-oracle.js'
import { parseOracle } from '../../src/selftest/oracle.js'
import { openBundle } from '../../src/sysroot/bundle-sysroot.js'
import { CAPTURES, hasCaptures } from '../support/outside.js'

/** One machine, booted with two kernels: what is foretold from one has to be what the other answered. */
const PAIRS = [
  ['arm-v3its-smmu-dt-612', 'arm-v3its-smmu-dt-61'],
  ['arm-v3noits-smmu-dt-612', 'arm-v3noits-smmu-dt-61'],
  ['arm-v2m-smmu-acpi-612', 'arm-v2m-smmu-acpi-61'],
  ['arm-v3its-smmu-acpi-612', 'arm-v3its-smmu-acpi-72'],
  ['arm-v2m-unsafe-dt-61', 'arm-v2m-unsafe-dt-lab'],
  ['x86-intel-ir-612', 'x86-intel-ir-61'],
  ['x86-intel-noir-612', 'x86-intel-noir-72'],
] as const

const open = (name: string) => openBundle(readFileSync(`${CAPTURES}/${name}.tar.gz`), name)

describe.skipIf(!hasCaptures)('--kernel-release against the kernel of that release (needs ../shared/captures)', () => {
  const directed = PAIRS.flatMap(([left, right]) => [
    [left, right],
    [right, left],
  ])
  it.each(directed)('%s as the kernel of %s', async (from, to) => {
    const [asked, answered] = await Promise.all([open(from), open(to)])
    const oracle = parseOracle(new TextDecoder().decode(answered.extras.get('oracle.json')))
    expect(oracle).toBeDefined()
    if (!oracle) return
    const report = buildReport(probeMachine(asked.sysroot), { kernelRelease: oracle.kernel })
    // Device nodes and verdicts stay those of the machine that was probed; gate of type1 and predicates follow the release.
    const compared = compareWithOracle(report, oracle).filter(({ question }) =>
      ['vfioType1', 'device predicate', 'group predicate'].includes(question),
    )
    expect(compared.length).toBeGreaterThan(10)
    expect(compared.filter((one) => !one.agrees)).toEqual([])
  })
})
