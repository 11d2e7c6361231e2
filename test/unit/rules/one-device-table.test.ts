import { describe, expect, it } from 'vitest'
import type { MadtDescription } from '../../../src/emulator/firmware/madt-writer.js'
import type { MachineDescription, MsiControllerDescription } from '../../../src/emulator/machine-description.js'
import { arm, card, judged } from './metal.js'
import { its } from './vector.js'

/** Two segments, each with a controller of its own in the tables and the same RequesterIDs. */
const machine = (
  first: MsiControllerDescription,
  second: MsiControllerDescription,
  more: Partial<MachineDescription> = {},
): MachineDescription =>
  arm({
    ...more,
    kernel: { release: '7.2.0' },
    msiControllers: [first, second],
    rootComplexes: [
      { iommu: 'smmu', msi: first.name, functions: [card(1)] },
      {
        segment: 1,
        ecam: '0x50000000',
        iommuMap: [{ to: 'smmu', outputBase: 0x10000 }],
        msi: second.name,
        functions: [card(1)],
      },
    ],
  })

const reasons = (description: MachineDescription) =>
  judged({ machine: description })
    .report.devices.filter(({ role }) => role === 'endpoint')
    .map(({ reason }) => reason)

const frames = (translators: readonly [number, number]): MadtDescription => ({
  entries: [
    { type: 'gicv5-irs', version: 5, irsId: 0, flags: 0, configBase: '0x2f1a0000', setlpiBase: 0 },
    ...translators.flatMap((translatorId, frame) => [
      { type: 'gicv5-its-config' as const, translatorId, base: 0x2f120000 + translatorId * 0x40000 },
      {
        type: 'gicv5-its-translate' as const,
        linkedTranslatorId: translatorId,
        translateFrameId: frame,
        base: 0x2f130000 + frame * 0x40000,
      },
    ]),
  ],
})

/** H7: DeviceIDs index the device table of one ITS, however many entries lead to it. */
describe('functions with one DeviceID at one ITS under two names', () => {
  const other = { ...its, name: 'other', id: 1 }
  it('an ITS that the MADT lists twice', () => {
    expect(reasons(machine(its, other))).toEqual(['shared-device-id', 'shared-device-id'])
    expect(reasons(machine(its, { ...other, address: '0x80a0000' }))).toEqual(['its-behind-smmu', 'its-behind-smmu'])
  })
  it('two translate frames of one GICv5 ITS', () => {
    const [one, two] = [0, 1].map((id): MsiControllerDescription => ({
      name: `its${id}`,
      type: 'gicv5-its',
      id,
      address: 0x2f120000 + id * 0x40000,
    }))
    if (!one || !two) throw new Error('two frames')
    const shared = reasons(machine(one, two, { acpi: { madt: frames([0, 0]) } }))
    expect(shared).toEqual(['shared-device-id', 'shared-device-id'])
    const apart = reasons(machine(one, two, { acpi: { madt: frames([0, 1]) } }))
    expect(apart).toEqual(['gicv5-its-behind-smmu', 'gicv5-its-behind-smmu'])
  })
})
