import { describe, expect, it } from 'vitest'
import { CAUSES } from '../../../src/rules/causes/registry.js'
import { X86_MISSING_IOMMU, X86_WORDS } from '../../../src/rules/causes/missing-iommu-x86.js'
import {
  cannotRemap,
  IOMMU,
  kernel,
  logged,
  madt,
  of,
  REMAPPING,
  scoped,
  type Row,
  undriven,
  unseen,
} from './causes/x86-machines-by-cause.js'
import { intel, judged } from './metal.js'
import { amd } from './x86-machines.js'

function found({ at }: Row, rule: string) {
  const { evaluation } = judged(at)
  const [item] = evaluation.findings
    .filter((finding) => finding.rule.id === rule)
    .flatMap(({ item: one }) => (one.causes?.get('0000:01:00.0') ? [one.causes.get('0000:01:00.0')] : []))
  return item
}

describe.each([
  ['missing remapping', 'IR108', REMAPPING],
  ['missing IOMMU', 'IR105', IOMMU],
] as const)('causes of %s', (_, rule, rows) => {
  it.each(rows)('$cause: $remedy', (row) => {
    const cause = found(row, rule)
    expect(cause?.id).toBe(row.cause)
    expect(cause?.remedy).toMatch(row.remedy)
    expect(cause?.remedy).not.toMatch(/[{}]/)
    expect(cause?.summary).not.toMatch(/[{}]|\.$/)
    expect(cause?.evidence.length).toBeGreaterThan(0)
    // The firmware is not to be set where it is not the cause.
    if (cause?.actor !== 'firmware') expect(cause?.remedy).not.toMatch(/firmware setup/)
  })

  it.each(rows)('$cause: what it asks for is not asked for again once it is done', (row) => {
    const remedy = found(row, rule)?.remedy ?? ''
    const { commandLine = '', configuration = {}, ...kernelRest } = row.at.machine.kernel
    const added = /^Add (\S+=\S+(?: \S+=\S+)*) to the kernel command line/.exec(remedy)?.[1] ?? ''
    const removed = /^Remove (\S+(?: \S+)*?) from the kernel command line/.exec(remedy)?.[1]?.split(' ') ?? []
    const options = [...remedy.matchAll(/CONFIG_[A-Z_]+/g)].map(([option]) => [option, 'y'] as const)
    const words = [...commandLine.split(' ').filter((word) => !removed.includes(word)), added].join(' ').trim()
    const done = {
      ...row.at.machine,
      kernel: {
        ...kernelRest,
        commandLine: words,
        configuration: { ...configuration, ...Object.fromEntries(options) },
      },
    }
    const again = found({ ...row, at: { ...row.at, machine: done } }, rule)?.remedy
    if (added !== '' || removed.length > 0 || options.length > 0) expect(again).not.toBe(remedy)
  })

  it('is none on machines without one', () => {
    const clean = [
      of(intel()),
      of(amd()),
      of(intel(kernel('6.12.0', 'intremap=nosid nox2apic'))),
      of(amd({ ...kernel('6.2.0', 'ivrs_ioapic=7@0000:00:14.0 ivrs_ioapic=8@00:00.1'), acpi: madt(7, 8) })),
      of(intel({ acpi: { ...scoped(2), ...madt(2) } })),
      of(intel(kernel('6.12.0', 'intel_iommu=off intel_iommu=on,sm_on'))),
    ]
    for (const at of clean) expect(found({ cause: '', at, remedy: / / }, rule)).toBeUndefined()
  })
})

it('is no unit that does not show itself where the log has lines of one', () => {
  const at = of(intel({ ...cannotRemap, ...kernel('6.12.0', 'intel_iommu=on') }), (files) => {
    unseen?.(files)
    logged('DMAR-IR: Not enabling interrupt remapping')?.(files)
  })
  const row = { cause: '', at, remedy: / / }
  expect([found(row, 'IR108')?.id, found(row, 'IR105')?.id]).toEqual(['remapping-off-unexplained', 'x86-not-driven'])
})

it('is none of these where a table was read and nobody collected which units are driven', () => {
  const sound = { ...scoped(0), ...madt(0) }
  const at = of(intel({ ...cannotRemap, ...kernel('6.12.0', 'intel_iommu=on'), acpi: sound }), (files) => {
    undriven?.(files)
    logged('iommu: Default domain type: Translated')?.(files)
    files.set('sys/class/iommu', { kind: 'unreadable', reason: 'not-collected' })
  })
  const row = { cause: '', at, remedy: / / }
  expect([found(row, 'IR108')?.id, found(row, 'IR105')?.id]).toEqual(['remapping-off-unexplained', 'x86-not-driven'])
})

it('has a machine for every cause', () => {
  const families = CAUSES['missing-remapping']
  const remapping = [...families.causes, families.otherwise].map(({ id }) => id)
  expect(remapping.filter((id) => !REMAPPING.some(({ cause }) => cause === id))).toEqual([])
  const iommu = [...X86_WORDS, ...X86_MISSING_IOMMU].map(({ id }) => id)
  expect(iommu.filter((id) => !IOMMU.some(({ cause }) => cause === id))).toEqual([])
})
