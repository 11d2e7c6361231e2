import { describe, expect, it } from 'vitest'
import type { MadtEntryDescription } from '../../../../src/emulator/firmware/madt-writer.js'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { everyMsiDomainRemaps, intrRemapCapability } from '../../../../src/kernel/msi/global-isolation.js'
import type { MsiController } from '../../../../src/kernel/msi/msi-controller.js'
import { gicVersionOf } from '../../../../src/kernel/msi/msi-controllers-acpi.js'
import { msiControllersOf } from '../../../../src/kernel/msi/msi-controllers.js'
import { absent, known } from '../../../../src/machine/fact.js'
import type { Machine } from '../../../../src/machine/machine.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { arm, intel, sysrootOf } from '../../rules/metal.js'
import { deviceTree, type NodeLiteral } from '../devicetree/device-tree-nodes.js'

const BASE = probeMachine(sysrootOf({ machine: arm({ kernel: { log: false } }) }))
const X86 = probeMachine(sysrootOf({ machine: intel() }))
const hex = (address: bigint | undefined) => (address === undefined ? 'none' : address.toString(16))
const words = ({ kind, id, payloadChecked, registered, preIts, doorbell }: MsiController) =>
  `${kind} ${id}: checks ${payloadChecked}, registered ${registered}, pre-ITS ${preIts}, doorbell ${hex(doorbell)}`

/** What a MADT with these entries describes; version and controllers. */
function ofMadt(entries: readonly MadtEntryDescription[], release = '6.12.0') {
  const { madt } = probeMachine(
    sysrootOf({ machine: arm({ acpi: { madt: { entries } }, kernel: { log: false } }) }),
  ).acpi
  const kernel = { ...BASE.kernel, release: known(release) }
  const context = contextOf({ ...BASE, kernel, acpi: { ...BASE.acpi, madt }, functions: known([]) })
  return {
    version: madt.state === 'known' ? gicVersionOf(madt.value) : 'unread',
    controllers: msiControllersOf(context).all.map(words),
  }
}

/** ACPI 6.5 sections 5.2.12.14 to 5.2.12.19: GICC 11, GICD 12 with its version, MSI frame 13, GICR 14, ITS 15. */
describe('the version of the GIC in a MADT', () => {
  const gicd = (version: number): MadtEntryDescription => ({ type: 'gicd', base: 0x8000000, version })
  const gicr: MadtEntryDescription = { type: 'gicr', base: 0x80a0000, rangeLength: 0x20000 }
  const gicc = (gicrBase: number): MadtEntryDescription => ({ type: 'gicc', cpu: 0, size: 80, gicrBase })
  const its: MadtEntryDescription = { type: 'gic-its', translationId: 0, base: 0x8080000 }
  const irs: MadtEntryDescription = { type: 'gicv5-irs', configBase: 0x2f1a0000 }
  it.each<[string, readonly MadtEntryDescription[], number | undefined]>([
    ['stated: GICv1', [gicd(1)], 2],
    ['stated: GICv2', [gicd(2), gicr], 2],
    ['stated: GICv3', [gicd(3)], 3],
    ['stated: GICv4', [gicd(4)], 3],
    ['not stated', [gicd(0)], undefined],
    ['not stated, with a redistributor', [gicd(0), gicr], 3],
    ['not stated, with a redistributor of a CPU', [gicd(0), gicc(0x80a0000)], 3],
    ['not stated, with a CPU that names none', [gicd(0), gicc(0)], undefined],
    ['not stated, with an ITS', [gicd(0), its], 3],
    ['of an interrupt routing service', [irs], 5],
    ['of nothing', [], undefined],
  ])('%s', (_, entries, expected) => {
    expect(ofMadt(entries).version).toBe(expected)
  })
})

/** Doorbells: GITS_TRANSLATER at 0x10040, MSI_SETSPI_NS of a GICv2m at 0x40; GICv5 translate frames are doorbells. */
describe('the MSI controllers of a MADT', () => {
  const gicd = { type: 'gicd', base: 0x8000000, version: 2 } as const
  const frame = (frameId: number, base: number) =>
    ({ type: 'gic-msi-frame', frameId, base, spiBase: 64, spiCount: 16 }) as const
  it.each<[string, readonly MadtEntryDescription[], string, readonly string[]]>([
    [
      'an ITS',
      [
        { ...gicd, version: 3 },
        { type: 'gic-its', translationId: 3, base: 0x8080000 },
      ],
      '6.12.0',
      ['its 3: checks yes, registered yes, pre-ITS no, doorbell 8090040'],
    ],
    // K: gicv2m_get_fwnode hands out the first frame.
    [
      'frames of a GICv2m',
      [gicd, frame(7, 0x8020000), frame(8, 0x8030000)],
      '6.12.0',
      ['gicv2m 7: checks no, registered yes, pre-ITS no, doorbell 8020040'],
    ],
    // ACPI of GICv5 came with 7.1.
    [
      'a GICv5 ITS',
      [
        { type: 'gicv5-irs', configBase: 0x2f1a0000 },
        { type: 'gicv5-its-config', translatorId: 1, base: 0x2f120000 },
        { type: 'gicv5-its-translate', linkedTranslatorId: 1, translateFrameId: 4, base: 0x2f130000 },
      ],
      '7.1.0',
      ['gicv5-its 4: checks yes, registered yes, pre-ITS no, doorbell 2f130000'],
    ],
    // MADT type 0x19 with 14 bytes behind its head: the IMSIC of RISC-V (ACPI 6.6 section 5.2.12.25).
    [
      'an IMSIC',
      [{ type: 'raw', typeCode: 0x19, data: `01${'00'.repeat(13)}` }],
      '6.12.0',
      ['imsic none: checks no, registered yes, pre-ITS no, doorbell none'],
    ],
    ['none', [gicd], '6.12.0', []],
  ])('%s', (_, entries, release, expected) => {
    expect(ofMadt(entries, release).controllers).toEqual(expected)
  })
})

/** devicetree.md section 3: what each node has to have, and whose doorbell is where. Interrupts of an ITS are in use. */
describe('the MSI controllers of a tree', () => {
  const ofTree = (nodes: NodeLiteral, release = '6.12.0') => {
    const tree = deviceTree({ '#address-cells': [2], '#size-cells': [2], ...nodes })
    const kernel = { ...BASE.kernel, release: known(release), configuration: absent() }
    const acpi = { ...BASE.acpi, madt: absent() }
    const context = contextOf({ ...BASE, kernel, acpi, deviceTree: known(tree), functions: known([]) })
    return msiControllersOf(context).all.map(words)
  }
  const node = (compatible: string, more: NodeLiteral = {}): NodeLiteral => ({
    compatible,
    'msi-controller': [],
    reg: [0, 0x8080000, 0, 0x20000],
    ...more,
  })
  const gic = (compatible: string, ...frames: readonly NodeLiteral[]): NodeLiteral => ({
    gic: {
      compatible,
      reg: [0, 0x8000000, 0, 0x10000],
      '#address-cells': [2],
      '#size-cells': [2],
      ranges: [],
      ...Object.fromEntries(frames.map((one, index) => [`v2m@${index}`, one])),
    },
  })
  const v2m = (more: NodeLiteral = {}) => node('arm,gic-v2m-frame', more)
  it.each<[string, NodeLiteral, readonly string[]]>([
    [
      'a pre-ITS',
      { i: node('arm,gic-v3-its', { 'socionext,synquacer-pre-its': [0, 1] }) },
      ['its /i: checks no, registered yes, pre-ITS yes, doorbell 8090040'],
    ],
    [
      'an ITS without registers',
      { i: { compatible: 'arm,gic-v3-its', 'msi-controller': [] } },
      ['its /i: checks yes, registered no, pre-ITS no, doorbell none'],
    ],
    [
      'an ITS that is disabled',
      { i: node('arm,gic-v3-its', { status: 'disabled' }) },
      ['its /i: checks yes, registered no, pre-ITS no, doorbell 8090040'],
    ],
    [
      'an ITS whose status cannot be read',
      { i: node('arm,gic-v3-its', { status: 'UNREADABLE' }) },
      ['its /i: checks yes, registered unknown, pre-ITS no, doorbell 8090040'],
    ],
    [
      'frames of a GICv2',
      gic('arm,gic-400', v2m(), v2m()),
      [
        'gicv2m /gic/v2m@0: checks no, registered yes, pre-ITS no, doorbell 8080040',
        'gicv2m /gic/v2m@1: checks no, registered no, pre-ITS no, doorbell 8080040',
      ],
    ],
    [
      'frames of a GICv2, the first disabled',
      gic('arm,gic-400', v2m({ status: 'disabled' }), v2m()),
      [
        'gicv2m /gic/v2m@0: checks no, registered no, pre-ITS no, doorbell 8080040',
        'gicv2m /gic/v2m@1: checks no, registered yes, pre-ITS no, doorbell 8080040',
      ],
    ],
    // Under a GICv3 only its log tells whether LPIs are usable, and under a GICv5 none is taken.
    [
      'a frame under a GICv3',
      gic('arm,gic-v3', v2m()),
      ['gicv2m /gic/v2m@0: checks no, registered unknown, pre-ITS no, doorbell 8080040'],
    ],
    [
      'a frame under a GICv5',
      gic('arm,gic-v5', v2m()),
      ['gicv2m /gic/v2m@0: checks no, registered no, pre-ITS no, doorbell 8080040'],
    ],
    [
      'MBIs of a GICv3',
      { g: node('arm,gic-v3', { 'mbi-ranges': [64, 32] }) },
      ['gicv3-mbi /g: checks no, registered yes, pre-ITS no, doorbell 8080040'],
    ],
    [
      'MBIs at an alias',
      { g: node('arm,gic-v3', { 'mbi-ranges': [64, 32], 'mbi-alias': [0, 0x10000000] }) },
      ['gicv3-mbi /g: checks no, registered yes, pre-ITS no, doorbell 10000040'],
    ],
    [
      'MBIs at an alias that cannot be read',
      { g: node('arm,gic-v3', { 'mbi-ranges': [64, 32], 'mbi-alias': 'UNREADABLE' }) },
      ['gicv3-mbi /g: checks no, registered yes, pre-ITS no, doorbell none'],
    ],
    ['a GICv3 without ranges', { g: node('arm,gic-v3') }, []],
    [
      'the IMSIC of RISC-V',
      { i: node('riscv,imsics') },
      ['imsic /i: checks no, registered yes, pre-ITS no, doorbell none'],
    ],
    [
      'another controller',
      { a: node('al,alpine-msix') },
      ['other /a: checks no, registered yes, pre-ITS no, doorbell none'],
    ],
    [
      'a node that may be any',
      { x: node('UNREADABLE') },
      ['unknown /x: checks unknown, registered unknown, pre-ITS no, doorbell none'],
    ],
  ])('%s', (_, nodes, expected) => {
    expect(ofTree(nodes)).toEqual(expected)
  })
  it('the frame of a GICv5 ITS, from 6.17 on', () => {
    const frame = {
      'its@1': {
        compatible: 'arm,gic-v5-its',
        '#address-cells': [2],
        '#size-cells': [2],
        ranges: [],
        'msi@2': node('', { 'reg-names': 'ns-translate' }),
      },
    }
    expect(ofTree(frame, '6.17.0')).toEqual([
      'gicv5-its /its@1/msi@2: checks yes, registered yes, pre-ITS no, doorbell 8080000',
    ])
    expect(ofTree(frame, '6.16.0')).toEqual([
      'gicv5-its /its@1/msi@2: checks yes, registered no, pre-ITS no, doorbell 8080000',
    ])
  })
})

// K: kernel/irq/irqdomain.c, irq_domain_check_msi_remap: what is not registered does not count, what may be leaves it open.
describe('that every registered domain remaps, by what is described', () => {
  const some: MsiController = {
    key: 'k',
    kind: 'other',
    id: 'k',
    address: undefined,
    doorbell: undefined,
    node: undefined,
    payloadChecked: 'no',
    preIts: 'no',
    registered: 'yes',
    probed: 'yes',
    from: [],
  }
  const context = contextOf({ ...BASE, deviceTree: absent(), functions: known([]) })
  it.each<[Partial<MsiController>, string]>([
    [{}, 'no'],
    [{ payloadChecked: 'yes' }, 'yes'],
    [{ payloadChecked: 'yes', registered: 'unknown' }, 'yes'],
    [{ registered: 'no' }, 'yes'],
    [{ registered: 'unknown' }, 'unknown'],
    [{ payloadChecked: 'unknown' }, 'unknown'],
    [{ payloadChecked: 'unknown', registered: 'no' }, 'yes'],
  ])('%j: %s', (more, expected) => {
    expect(everyMsiDomainRemaps(context, [{ ...some, ...more }])).toBe(expected)
  })
})

// K: intel_iommu_capable and amd_iommu_capable up to 6.2: irq_remapping_enabled, which the chips in use show.
describe('IOMMU_CAP_INTR_REMAP on x86', () => {
  const seen = (description: string): Machine => ({
    ...X86,
    kernel: { ...X86.kernel, log: known([]), release: known('6.1.0') },
    interrupts: { ...X86.interrupts, procInterrupts: known([{ irq: 0, description }]) },
  })
  it.each<[string, Machine, string | undefined, string]>([
    ['a remapped chip', seen('IR-IO-APIC 2-edge timer'), undefined, 'yes'],
    ['a chip that bypasses it', seen('IO-APIC 2-edge timer'), undefined, 'no'],
    ['neither', seen('DMAR-MSI 0-edge dmar0'), undefined, 'unknown'],
    // Of another release than the one that runs all witnesses are asked.
    ['a remapped chip of another release', seen('IR-IO-APIC 2-edge timer'), '5.4.0', 'yes'],
    ['a chip that bypasses it, of another release', seen('IO-APIC 2-edge timer'), '5.4.0', 'no'],
  ])('%s', (_, machine, release, expected) => {
    expect(intrRemapCapability(contextOf(machine, release))).toBe(expected)
  })
  it('is what the chips show, whatever the words say of it', () => {
    const machine = seen('IR-IO-APIC 2-edge timer')
    const off = { ...machine, kernel: { ...machine.kernel, commandLine: known(['intremap=off']) } }
    expect(intrRemapCapability(contextOf(off))).toBe('yes')
    expect(intrRemapCapability(contextOf(off, '5.4.0'))).toBe('no')
  })
})
