import { describe, expect, it, test } from 'vitest'
import type { MachineDescription } from '../../../../src/emulator/machine-description.js'
import type { CauseFamily } from '../../../../src/rules/causes/cause.js'
import { KEEP_ON_HOST } from '../../../../src/rules/causes/keep-on-host.js'
import { X86_MISSING_IOMMU, X86_WORDS } from '../../../../src/rules/causes/missing-iommu-x86.js'
import { CAUSES, causesOf } from '../../../../src/rules/causes/registry.js'
import type { CauseReport, Report } from '../../../../src/report/types.js'
import { card, judged, tree, type TestCase } from '../metal.js'
import { its } from '../vector.js'
import { heldByVfio, MISSING_IOMMU_MACHINES, nameNoIommuGroup } from './missing-iommu-machines.js'
import { MSI_MACHINES, SOUND } from './msi-machines.js'
import { STREAM_ID_MACHINES } from './stream-id-machines.js'
import { UNDRIVEN_IOMMU_MACHINES } from './undriven-iommu-machines.js'

const CARD = '0000:01:00.0'
const MACHINES = { ...MISSING_IOMMU_MACHINES, ...UNDRIVEN_IOMMU_MACHINES, ...MSI_MACHINES, ...STREAM_ID_MACHINES }

const families = Object.keys(CAUSES).filter((name): name is CauseFamily => name in CAUSES)
const all = families.flatMap((family) => causesOf(family))

/** Every cause that a finding about the function carries, with the finding's words. */
function found({ report }: { readonly report: Report }, device: string) {
  return report.findings.flatMap(({ cause, devices, remedy, summary, actor }) =>
    cause !== 'none' && devices.includes(device) ? [{ id: cause.id, remedy, summary, actor }] : [],
  )
}

function ownCause(testCase: TestCase, device: string): CauseReport | string | undefined {
  return judged(testCase).report.devices.find(({ address }) => address === device)?.cause
}

describe.each(Object.entries(MACHINES))('%s', (id, { with: having, without, remedy, device = CARD }) => {
  it('is found on a machine that has it, with its evidence and a remedy with the names of the machine', () => {
    const one = found(judged(having), device).find((cause) => cause.id === id)
    expect(found(judged(having), device).map((cause) => cause.id)).toContain(id)
    expect(one?.remedy).toMatch(remedy)
    expect(one?.remedy).not.toMatch(/[{}]|undefined/)
    expect(one?.summary).not.toMatch(/[{}]|undefined/)
    const own = ownCause(having, device)
    if (typeof own === 'object' && own.id === id) {
      expect(own.evidence.length).toBeGreaterThan(0)
      expect(own.summary).toMatch(/^\S.*\.$/)
    }
  })

  it('is not found on one that has not, and its remedy is not asked for there', () => {
    const others = found(judged(without), device)
    expect(others.map((cause) => cause.id)).not.toContain(id)
    const asked = found(judged(having), device).find((cause) => cause.id === id)?.remedy
    expect(others.map((cause) => cause.remedy).filter((text) => text !== KEEP_ON_HOST)).not.toContain(asked)
  })
})

test('a node that a guest finds disabled is nearer than that it is a guest', () => {
  const { machine } = MISSING_IOMMU_MACHINES['iommu-node-disabled']?.with ?? SOUND
  const cause = ownCause({ machine: { ...machine, dmi: { vendor: 'QEMU', product: 'KVM' } } }, CARD)
  expect(cause).toMatchObject({ id: 'iommu-node-disabled' })
})

// K: of_msi_get_domain follows msi-parent as it follows msi-map: what stands at its end decides, not the property.
test.each<
  [string, MachineDescription['kernel'], Partial<typeof its> & { usable: false; msiControllerProperty?: false }]
>([
  ['lpis-disabled', { release: '6.12.0', commandLine: 'irqchip.gicv3_nolpi=1' }, { usable: false }],
  ['its-driver-not-built', { release: '6.12.0', configuration: { CONFIG_ARM_GIC_V3_ITS: 'n' } }, { usable: false }],
  ['its-failed', { release: '6.12.0', log: ['ITS: No ITS available, not enabling LPIs'] }, { usable: false }],
  ['msi-controller-property-missing', { release: '6.12.0' }, { usable: false, msiControllerProperty: false }],
])('an msi-parent to an ITS that is out of use: %s', (id, kernel, change) => {
  const machine = tree({
    kernel,
    msiControllers: [{ ...its, ...change }],
    rootComplexes: [{ iommu: 'smmu', msiParent: { to: 'its', cells: [0] }, functions: [card(1)] }],
  })
  expect(found(judged({ machine }), CARD).map((cause) => cause.id)).toEqual([id])
})

// K: vfio_noiommu_group_alloc asks for the parameter when a function is bound, nobody asks for it afterwards.
test('a function that VFIO holds without an IOMMU is let go, whatever became of the mode; one that is off is not turned off', () => {
  const [cause] = found(judged({ machine: heldByVfio('N'), edit: nameNoIommuGroup }), CARD)
  expect(cause).toMatchObject({
    id: 'no-iommu-mode',
    remedy: 'Unbind 0000:01:00.0 from vfio-pci, and keep the device on the host.',
  })
})

test('where nothing is missing there is no cause', () => {
  expect(ownCause(SOUND, CARD)).toBe('none')
})

describe('the causes', () => {
  it('have ids of their own, in kebab-case', () => {
    const ids = all.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.filter((id) => !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(id))).toEqual([])
  })

  it('say clauses and imperative sentences, each with a source', () => {
    const wrong = all.filter(
      ({ summary, remedy, title, decidedBy, references }) =>
        summary.endsWith('.') ||
        !remedy.endsWith('.') ||
        title.endsWith('.') ||
        !decidedBy.endsWith('.') ||
        references.length === 0,
    )
    expect(wrong.map(({ id }) => id)).toEqual([])
  })

  it('of a family stand in its list', () => {
    expect(families.flatMap((family) => causesOf(family).filter((cause) => cause.family !== family))).toEqual([])
  })

  it('of all but x86 have a machine each, and each machine has a cause', () => {
    const x86 = new Set([...X86_WORDS, ...X86_MISSING_IOMMU].map(({ id }) => id))
    const others = all.filter(({ family, id }) => family !== 'missing-remapping' && !x86.has(id))
    expect(Object.keys(MACHINES).toSorted()).toEqual(others.map(({ id }) => id).toSorted())
  })
})
