import { describe, expect, it } from 'vitest'
import type { MadtEntryDescription } from '../../../../src/emulator/firmware/madt-writer.js'
import { contextOf } from '../../../../src/kernel/build-context.js'
import type { MsiController } from '../../../../src/kernel/msi/msi-controller.js'
import { msiControllersOf } from '../../../../src/kernel/msi/msi-controllers.js'
import { absent, known, unreadable } from '../../../../src/machine/fact.js'
import type { Architecture, KernelFacts } from '../../../../src/machine/kernel.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { arm, sysrootOf } from '../../rules/metal.js'
import { deviceTree, type NodeLiteral } from '../devicetree/device-tree-nodes.js'

const BASE = probeMachine(sysrootOf({ machine: arm({ kernel: { log: false } }) }))
const UP = 'ITS [mem 0x08080000-0x0809ffff]'

interface Seen {
  readonly log?: readonly string[]
  readonly release?: string
  readonly architecture?: Architecture | 'closed'
  readonly options?: readonly (readonly [string, string])[]
}
function kernelOf({ log = [], release = '6.12.0', architecture = 'arm64', options }: Seen): KernelFacts {
  return {
    ...BASE.kernel,
    log: known(log),
    release: known(release),
    architecture: architecture === 'closed' ? unreadable('permission') : known(architecture),
    configuration: options === undefined ? absent() : known(new Map(options)),
  }
}
function ofMadt(entries: readonly MadtEntryDescription[], seen: Seen = {}): readonly MsiController[] {
  const { madt } = probeMachine(
    sysrootOf({ machine: arm({ acpi: { madt: { entries } }, kernel: { log: false } }) }),
  ).acpi
  const acpi = { ...BASE.acpi, madt }
  return msiControllersOf(contextOf({ ...BASE, kernel: kernelOf(seen), acpi, functions: known([]) })).all
}
function ofTree(nodes: NodeLiteral, seen: Seen = {}): readonly MsiController[] {
  const tree = known(deviceTree({ '#address-cells': [2], '#size-cells': [2], ...nodes }))
  const acpi = { ...BASE.acpi, madt: absent() }
  return msiControllersOf(contextOf({ ...BASE, kernel: kernelOf(seen), acpi, deviceTree: tree, functions: known([]) }))
    .all
}

const MADT = 'sys/firmware/acpi/tables/APIC'
/** ACPI 6.5 section 5.2.12: the first entry stands behind 44 bytes; GICD, ITS, MSI frame and IMSIC have fixed lengths. */
const [HEAD, GICD, ITS, FRAME] = [44, 24, 20, 24]
const place = (offset: number, length: number) => [{ path: MADT, at: { offset, length } }]
const gicd = (version: number): MadtEntryDescription => ({ type: 'gicd', base: 0x8000000, version })
const its = (translationId: number, base = 0x8080000): MadtEntryDescription => ({
  type: 'gic-its',
  translationId,
  base,
})
const frame: MadtEntryDescription = { type: 'gic-msi-frame', frameId: 7, base: 0x8020000, spiBase: 64, spiCount: 16 }

describe('a controller of a MADT', () => {
  const NOTHING = { address: undefined, doorbell: undefined, node: undefined, preIts: 'no', probed: 'unknown' }
  it('is an ITS, which its line in the log shows', () => {
    const expected = {
      key: 'its 3',
      kind: 'its',
      id: '3',
      address: 0x8080000n,
      doorbell: 0x8090040n,
      node: undefined,
      payloadChecked: 'yes',
      preIts: 'no',
      registered: 'yes',
      from: place(HEAD + GICD, ITS),
    }
    expect(ofMadt([gicd(3), its(3)], { log: [UP] })).toEqual([{ ...expected, probed: 'yes' }])
    expect(ofMadt([gicd(3), its(3)], { options: [['CONFIG_ARM_GIC_V3_ITS', 'y']] })).toEqual([
      { ...expected, probed: 'unknown' },
    ])
  })
  it('is a frame of a GICv2m, beside an ITS none', () => {
    const [found] = ofMadt([gicd(2), frame])
    expect(found).toMatchObject({ key: 'gicv2m 7', registered: 'yes', probed: 'yes', from: place(HEAD + GICD, FRAME) })
    // K: irq-gic-v3.c takes one only where LPIs are not usable.
    expect(ofMadt([gicd(3), frame])[0]).toMatchObject({ registered: 'unknown', probed: 'unknown' })
    expect(ofMadt([gicd(3), frame, its(3)])[0]).toMatchObject({ registered: 'no', probed: 'no' })
  })
  it('is a translate frame of a GICv5 ITS, from 7.1 on', () => {
    const entries: readonly MadtEntryDescription[] = [
      { type: 'gicv5-irs', configBase: 0x2f1a0000 },
      { type: 'gicv5-its-translate', linkedTranslatorId: 1, translateFrameId: 4, base: 0x2f130000 },
    ]
    const [found] = ofMadt(entries, { release: '7.1.0' })
    expect(found).toMatchObject({ key: 'gicv5-its 4', deviceTable: 'gicv5-its 1', registered: 'yes' })
    expect(found?.from[0]?.at?.offset).toBeGreaterThan(HEAD)
    expect(ofMadt(entries, { release: '6.17.0' })[0]?.registered).toBe('no')
    // GICD version 5 (actbl2.h, ACPI_MADT_GIC_VERSION_V5) takes no frame of a GICv2m.
    expect(ofMadt([gicd(5), frame])[0]?.registered).toBe('no')
  })
  it('is an IMSIC', () => {
    const imsic: MadtEntryDescription = { type: 'raw', typeCode: 0x19, data: `01${'00'.repeat(13)}` }
    expect(ofMadt([imsic])).toEqual([
      {
        ...NOTHING,
        key: 'imsic',
        kind: 'imsic',
        id: 'none',
        payloadChecked: 'no',
        registered: 'yes',
        from: place(HEAD, 16),
      },
    ])
  })
  // ACPI 6.5 section 5.2.12.22: MSI PIC, type 0x15, 19 bytes.
  it('is the PCH-MSI of LoongArch', () => {
    const pch: MadtEntryDescription = { type: 'raw', typeCode: 0x15, data: `01${'00'.repeat(16)}` }
    expect(ofMadt([gicd(2), pch], { architecture: 'loongarch64' })).toEqual([
      {
        ...NOTHING,
        key: `pch-msi ${HEAD + GICD}`,
        kind: 'other',
        id: 'none',
        payloadChecked: 'no',
        registered: 'yes',
        from: place(HEAD + GICD, 19),
      },
    ])
  })
  // The GICR field of a GICC came with ACPI 5.1: 40 bytes have none.
  it('is no frame where only a short GICC stands beside it', () => {
    const short: MadtEntryDescription = { type: 'gicc', cpu: 0, size: 40 }
    expect(ofMadt([gicd(0), short, frame])[0]?.registered).toBe('unknown')
    expect(ofMadt([gicd(0), short, frame], { log: ['GICv3: 256 SPIs implemented'] })[0]?.registered).toBe('unknown')
    const long: MadtEntryDescription = { type: 'gicc', cpu: 0, size: 80, gicrBase: 0x80a0000 }
    expect(ofMadt([gicd(0), long, frame], { log: ['GICv3: 256 SPIs implemented'] })[0]?.registered).toBe('no')
  })
  it('is the same ITS where two entries have its registers', () => {
    const tables = ofMadt([gicd(3), its(3), its(4), its(5, 0x9080000)]).map(({ deviceTable }) => deviceTable)
    expect(tables).toEqual([undefined, 'its 3', undefined])
    const others = ofMadt([gicd(2), its(3), { ...frame, base: 0x8080000 }])
    expect(others.map(({ deviceTable }) => deviceTable)).toEqual([undefined, undefined])
    const bare = { compatible: 'arm,gic-v3-its', 'msi-controller': [] }
    expect(ofTree({ a: bare, b: bare }).map(({ deviceTable }) => deviceTable)).toEqual([undefined, undefined])
  })
})

const node = (compatible: string | Uint8Array, more: NodeLiteral = {}): NodeLiteral => ({
  compatible,
  'msi-controller': [],
  reg: [0, 0x8080000, 0, 0x20000],
  ...more,
})
const two = (...names: readonly string[]) => new TextEncoder().encode(names.map((name) => `${name}\0`).join(''))
const gic = (compatible: string | Uint8Array, ...frames: readonly NodeLiteral[]): NodeLiteral => ({
  gic: {
    compatible,
    reg: [0, 0x8000000, 0, 0x10000],
    '#address-cells': [2],
    '#size-cells': [2],
    ranges: [],
    ...Object.fromEntries(frames.map((one, index) => [`child@${index}`, one])),
  },
})
const V2M = 'arm,gic-v2m-frame'

// devicetree.md section 3.
describe('a controller of a tree', () => {
  it('is an ITS at its node, which its line in the log shows', () => {
    const [found] = ofTree({ i: node('arm,gic-v3-its') }, { log: [UP] })
    expect(found).toMatchObject({ key: '/i', address: 0x8080000n, probed: 'yes' })
    expect(found?.from).toEqual([expect.objectContaining({ node: '/i' })])
    expect(ofTree({ i: node('arm,gic-v3-its') })[0]?.probed).toBe('unknown')
    expect(ofTree({ i: node('al,alpine-msix') })[0]?.probed).toBe('unknown')
  })
  it('may be an ITS, where the property that it needs cannot be read', () => {
    expect(
      ofTree({ i: node('arm,gic-v3-its', { 'msi-controller': 'UNREADABLE' }) }, { log: [UP] })[0]?.registered,
    ).toBe('unknown')
    const pre = node('arm,gic-v3-its', { 'socionext,synquacer-pre-its': 'UNREADABLE' })
    expect(ofTree({ i: pre }, { log: [UP] })[0]).toMatchObject({ payloadChecked: 'unknown', preIts: 'unknown' })
  })
  it('checks although it has a pre-ITS, on a kernel that was built without the quirk', () => {
    const pre = { i: node('arm,gic-v3-its', { 'socionext,synquacer-pre-its': [0, 1] }) }
    const of = (value: string) =>
      ofTree(pre, { options: [['CONFIG_SOCIONEXT_SYNQUACER_PREITS', value]] })[0]?.payloadChecked
    expect(['n', 'y'].map(of)).toEqual(['yes', 'no'])
  })
  it('is a translate frame, whose ITS has to be enabled', () => {
    const of = (status: string) =>
      ofTree(
        {
          'its@1': {
            compatible: 'arm,gic-v5-its',
            status,
            '#address-cells': [2],
            '#size-cells': [2],
            ranges: [],
            'msi@2': node('', { 'reg-names': 'ns-translate' }),
          },
        },
        { release: '6.17.0' },
      )[0]
    expect(of('okay')).toMatchObject({ deviceTable: '/its@1', registered: 'yes' })
    expect(of('disabled')?.registered).toBe('no')
    expect(of('UNREADABLE')?.registered).toBe('unknown')
  })
  it.each<[string, NodeLiteral, string, string]>([
    ['the first frame of a GICv2', gic('arm,gic-400', node(V2M)), 'yes', 'yes'],
    ['one below a node of two names', gic(two('vendor,gic', 'arm,gic-v3'), node(V2M)), 'unknown', 'unknown'],
    ['one below a node that cannot be read', gic('UNREADABLE', node(V2M)), 'unknown', 'unknown'],
    ['one below a GICv3 with an ITS', gic('arm,gic-v3', node(V2M), node('arm,gic-v3-its')), 'no', 'no'],
    [
      'one below a GICv3 with a node that is none',
      gic('arm,gic-v3', node(V2M), { compatible: 'vendor,x' }),
      'unknown',
      'unknown',
    ],
    [
      'one below a GICv3 with a node that may be one',
      gic('arm,gic-v3', node(V2M), node('UNREADABLE')),
      'unknown',
      'unknown',
    ],
  ])('is a frame: %s', (_, nodes, registered, probed) => {
    const found = ofTree(nodes).find(({ kind }) => kind === 'gicv2m')
    expect(found).toMatchObject({ registered, probed })
  })
  it('is no second frame', () => {
    const frames = ofTree(gic('arm,gic-400', node(V2M), node(V2M)))
    expect(frames.map(({ registered, probed }) => [registered, probed])).toEqual([
      ['yes', 'yes'],
      ['no', 'no'],
    ])
  })
  it('may be a frame at the root of a tree, below no GIC', () => {
    expect(ofTree({ compatible: V2M, 'msi-controller': [] })[0]).toMatchObject({ key: '/', registered: 'unknown' })
  })
  it('is the distributor with its ranges, unless it is disabled; an alias of no number hides where', () => {
    const mbi = (more: NodeLiteral) => ofTree({ g: node('arm,gic-v3', { 'mbi-ranges': [64, 32], ...more }) })[0]
    expect(mbi({})).toMatchObject({ registered: 'yes', doorbell: 0x8080040n })
    expect(mbi({ status: 'disabled' })?.registered).toBe('no')
    expect(mbi({ 'mbi-alias': [0x1000_0000] })?.doorbell).toBe(0x1000_0040n)
    expect(mbi({ 'mbi-alias': [] })?.doorbell).toBeUndefined()
    expect(mbi({ 'mbi-alias': [1, 0, 0] })?.doorbell).toBeUndefined()
  })
})

// kernel-decision.md section 4: x86 has its vectors at the local APICs (SDM 3A, 11.11.1); s390 and powerpc none of their own.
describe('the controllers of an architecture', () => {
  it('are the vectors of x86', () => {
    expect(ofTree({}, { architecture: 'x86_64' })).toEqual([
      {
        key: 'x86-vector',
        kind: 'x86-vector',
        id: 'none',
        address: 0xfee00000n,
        doorbell: 0xfee00000n,
        node: undefined,
        payloadChecked: 'no',
        preIts: 'no',
        registered: 'yes',
        probed: 'yes',
        from: [{ path: 'proc/cpuinfo' }],
      },
    ])
  })
  it.each<[Architecture | 'closed', number]>([
    ['arm64', 1],
    ['arm', 1],
    ['riscv64', 1],
    ['loongarch64', 1],
    ['s390x', 0],
    ['powerpc', 0],
    ['other', 0],
    ['closed', 0],
  ])('of %s are those that firmware describes, or none: %i', (architecture, count) => {
    expect(ofTree({ a: node('al,alpine-msix') }, { architecture })).toHaveLength(count)
  })
})
