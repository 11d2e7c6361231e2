import { describe, expect, it } from 'vitest'
import { judged } from './metal.js'
import { VECTORS_ASSIGNMENT } from './vectors-assignment.js'
import { VECTORS_HAZARDS } from './vectors-hazards.js'
import { VECTORS_PLATFORMS } from './vectors-platforms.js'
import { VECTORS_WAYS } from './vectors-ways.js'

const VECTORS = [...VECTORS_WAYS, ...VECTORS_HAZARDS, ...VECTORS_PLATFORMS, ...VECTORS_ASSIGNMENT]

const KERNEL = { iso: 'yes', not: 'no' } as const
const VERDICT = { iso: 'isolated', cav: 'isolated-with-caveats', not: 'not-isolated', unk: 'unknown' } as const

describe('whole machines of the vector table, what the kernel answers and what is true', () => {
  for (const { id, device = '0000:01:00.0', K, A, gates, group, ...testCase } of VECTORS) {
    it(`${id}: kernel ${K ?? 'not told'}, verdict ${A}`, () => {
      const { report } = judged(testCase)
      const found = report.devices.find(({ address }) => address === device)
      const said = report.findings
        .filter((finding) => finding.devices.includes(device))
        .map(({ rule, outcome, effect, summary }) => `${rule} ${outcome} ${effect} ${summary}`)
      expect(found?.verdict, said.join('\n')).toBe(VERDICT[A])
      if (K) expect(found?.kernel.isolatedMsi).toBe(KERNEL[K])
      const { vfioType1, iommufd } = found?.kernel ?? {}
      if (gates?.vfioType1 !== undefined) expect(`${vfioType1?.outcome} ${vfioType1?.errno}`).toBe(gates.vfioType1)
      if (gates?.iommufd !== undefined) expect(`${iommufd?.outcome} ${iommufd?.errno}`).toBe(gates.iommufd)
      if (group)
        expect(report.groups.find(({ id: name }) => name === found?.iommuGroup)?.isolatedMsi).toBe(KERNEL[group])
    })
  }

  it('covers the table but for what is no PCI function', () => {
    const numbers = Array.from({ length: 64 }, (_, index) => `S${index + 1}`)
    const covered = new Set(VECTORS.map(({ id }) => /^S\d+/.exec(id)?.[0]))
    // S22 and S23 are about a platform device, of which the report has no entry.
    expect(numbers.filter((id) => !covered.has(id))).toEqual(['S22', 'S23'])
  })
})
