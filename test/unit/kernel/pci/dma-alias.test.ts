import { describe, expect, it } from 'vitest'
import { dmaAliases, msiRequesterId } from '../../../../src/kernel/pci/dma-alias.js'
import { quirkAliasesOf } from '../../../../src/kernel/pci/quirks/quirk-aliases.js'
import { buildPciTopology } from '../../../../src/kernel/pci/pci-topology.js'
import { parseRelease } from '../../../../src/kernel/release.js'
import { requesterIdOf } from '../../../../src/machine/identifiers.js'
import { pciFunction, type FunctionLiteral } from './pci-functions.js'

/** Aliases of the last function, as `emitter=id`, and the RequesterID of its MSIs. */
function aliasesOf(release: string, ...literals: readonly FunctionLiteral[]) {
  const functions = literals.map(pciFunction)
  const fn = functions.at(-1)
  if (!fn) throw new Error('no function')
  const found = dmaAliases(buildPciTopology(functions, parseRelease(release)), fn)
  if (found.kind !== 'known') return `${found.kind}: ${found.why} at ${found.at.name}`
  const list = found.aliases.map(({ function: at, requesterId }) => `${at.name.slice(5)}=${requesterId.toString(16)}`)
  return [...list, `msi ${msiRequesterId(requesterIdOf(fn.address), found.aliases).toString(16)}`].join(', ')
}
const aliases = (...literals: readonly FunctionLiteral[]) => aliasesOf('6.12.0', ...literals)

const rootPort: FunctionLiteral = { at: '00:05.0', type: 'root-port', secondaryBus: 6 }

describe('pci_for_each_dma_alias', () => {
  it('S20: a PCIe-to-PCI bridge puts its secondary bus, device 0, in place', () => {
    const bridge: FunctionLiteral = { at: '00:05.0', type: 'pcie-to-pci-bridge', secondaryBus: 6 }
    const child: FunctionLiteral = { at: '06:01.0', type: 'conventional', below: ['00:05.0'] }
    expect(aliases(bridge, child)).toBe('06:01.0=608, 00:05.0=600, msi 600')
    expect(aliases(bridge, { ...child, at: '06:02.0' })).toBe('06:02.0=610, 00:05.0=600, msi 600')
  })
  it('S49: a same-bus quirk adds a StreamID and does not move the MSIs', () => {
    const marvell: FunctionLiteral = { at: '05:00.0', ids: [0x1b4b, 0x9230], below: ['00:05.0'] }
    expect(aliases({ ...rootPort, secondaryBus: 5 }, marvell)).toBe('05:00.0=500, 05:00.0=501, msi 500')
    expect(aliases({ ...marvell, at: '05:00.1', below: [] })).toBe('05:00.1=501, msi 501')
  })
  it('goes through PCI Express ports unchanged', () => {
    const up: FunctionLiteral = { at: '06:00.0', type: 'upstream-port', secondaryBus: 7, below: ['00:05.0'] }
    const down: FunctionLiteral = {
      at: '07:01.0',
      type: 'downstream-port',
      secondaryBus: 8,
      below: ['00:05.0', '06:00.0'],
    }
    const nic: FunctionLiteral = { at: '08:00.0', below: ['00:05.0', '06:00.0', '07:01.0'] }
    expect(aliases(rootPort, up, down, nic)).toBe('08:00.0=800, msi 800')
  })
  it('takes over the id of a conventional bridge and of a PCI-to-PCIe bridge', () => {
    const child: FunctionLiteral = { at: '06:01.0', type: 'conventional', below: ['00:05.0'] }
    expect(aliases({ ...rootPort, type: 'conventional' }, child)).toBe('06:01.0=608, 00:05.0=28, msi 28')
    expect(aliases({ ...rootPort, type: 'pci-to-pcie-bridge' }, child)).toBe('06:01.0=608, 00:05.0=28, msi 28')
  })
  it('knows bridges that hide what they are, where the bridge above is PCI Express', () => {
    const hidden: FunctionLiteral = {
      at: '06:00.0',
      ids: [0x1b21, 0x1080],
      type: 'conventional',
      secondaryBus: 7,
      below: ['00:05.0'],
    }
    const child: FunctionLiteral = { at: '07:01.0', type: 'conventional', below: ['00:05.0', '06:00.0'] }
    expect(aliases(rootPort, hidden, child)).toBe('07:01.0=708, 06:00.0=700, msi 700')
    // Another bridge of the same maker is what it looks like: conventional.
    const plain: FunctionLiteral = { ...hidden, ids: [0x1b21, 0x1081] }
    expect(aliases(rootPort, plain, child)).toBe('07:01.0=708, 06:00.0=600, msi 600')
    expect(aliases({ ...rootPort, type: 'conventional' }, hidden, child)).toBe(
      '07:01.0=708, 06:00.0=600, 00:05.0=28, msi 28',
    )
    expect(aliases({ ...rootPort, type: 'header' }, hidden, child)).toBe('unknown: bridge at 0000:06:00.0')
    // A CardBus bridge of these ids is none.
    expect(aliases(rootPort, { ...hidden, headerType: 2 }, child)).toBe('07:01.0=708, 06:00.0=600, msi 600')
    // Not so below a bridge that is known to lead to PCI, and no bridge of another maker.
    expect(aliases({ ...rootPort, type: 'pcie-to-pci-bridge' }, hidden, child)).toBe(
      '07:01.0=708, 06:00.0=600, 00:05.0=600, msi 600',
    )
    expect(aliases(rootPort, { ...hidden, ids: [0x1b22, 0x1080] }, child)).toBe('07:01.0=708, 06:00.0=600, msi 600')
    const atRoot: FunctionLiteral = { ...hidden, at: '00:06.0', below: [] }
    expect(aliases(atRoot, { ...child, below: ['00:06.0'] })).toBe('07:01.0=708, 00:06.0=30, msi 30')
  })
  it.each([
    'upstream-port',
    'downstream-port',
    'endpoint',
    'legacy-endpoint',
    'rc-integrated-endpoint',
    'rc-event-collector',
    'reserved',
  ] as const)('looks at no bridge of type %s', (type) => {
    expect(aliases({ ...rootPort, type }, { at: '06:00.0', below: ['00:05.0'] })).toBe('06:00.0=600, msi 600')
  })
  it('stops at a bridge where the translation is', () => {
    const root: FunctionLiteral = { at: '00:05.0', ids: [0x14e4, 0x9084], type: 'pcie-to-pci-bridge', secondaryBus: 6 }
    expect(aliases(root, { at: '06:00.0', below: ['00:05.0'] })).toBe('06:00.0=600, msi 600')
  })
  it('knows from 7.0 on that the AST1150 passes ids through', () => {
    const ast: FunctionLiteral = { at: '00:05.0', ids: [0x1a03, 0x1150], type: 'pcie-to-pci-bridge', secondaryBus: 6 }
    const child: FunctionLiteral = { at: '06:01.0', type: 'conventional', below: ['00:05.0'] }
    expect(aliasesOf('6.18.0', ast, child)).toBe('06:01.0=608, 00:05.0=600, msi 600')
    expect(aliasesOf('7.0.0', ast, child)).toBe('06:01.0=608, msi 608')
    const other: FunctionLiteral = { ...ast, ids: [0x1a03, 0x1151] }
    expect(aliasesOf('7.0.0', other, child)).toBe('06:01.0=608, 00:05.0=600, msi 600')
    expect(aliasesOf('', ast, child)).toBe('06:01.0=608, 00:05.0=600, msi 600')
  })
  it('takes the VMD itself for what is behind it', () => {
    const vmd: FunctionLiteral = { at: '0000:e0:05.5', ids: [0x8086, 0x28c0], type: 'rc-integrated-endpoint' }
    const nvme: FunctionLiteral = {
      at: '10000:e1:00.0',
      below: ['10000:e0:02.0'],
      parentPath: 'devices/pci0000:e0/0000:e0:05.5',
    }
    expect(aliases(vmd, nvme)).toBe('e0:05.5=e02d, msi e02d')
    expect(aliases(vmd, { at: '0001:e1:00.0', rootBus: 'ABSENT' })).toBe('e1:00.0=e100, msi e100')
  })

  it('needs no configuration space on a root bus, and all of it on the way up', () => {
    expect(aliases({ at: '00:03.0', type: 'none' })).toBe('00:03.0=18, msi 18')
    const child: FunctionLiteral = { at: '06:00.0', type: 'header', below: ['00:05.0'] }
    expect(aliases(rootPort, child)).toBe('06:00.0=600, msi 600')
    expect(aliases({ ...rootPort, type: 'header' }, child)).toBe('unknown: bridge at 0000:00:05.0')
    expect(aliases({ ...rootPort, type: 'none' }, child)).toBe('unknown: bridge at 0000:00:05.0')
    expect(aliases({ ...rootPort, ids: 'UNREADABLE' }, child)).toBe('unknown: bridge at 0000:00:05.0')
  })
  it('is unknown without ids, without a way up, or with a bridge that is not there', () => {
    expect(aliases({ at: '00:03.0', ids: 'UNREADABLE' })).toBe('unknown: ids at 0000:00:03.0')
    expect(aliases({ at: '06:00.0', below: 'UNREADABLE' })).toBe('unknown: topology at 0000:06:00.0')
    expect(aliases({ at: '06:00.0', below: ['00:05.0'] })).toBe('unknown: topology at 0000:06:00.0')
    expect(aliases({ at: '06:00.0', rootBus: 'UNREADABLE' })).toBe('unknown: topology at 0000:06:00.0')
    expect(aliases({ at: '00:05.0', type: 'pcie-to-pci-bridge' }, { at: '06:00.0', below: ['00:05.0'] })).toBe(
      'unknown: bridge at 0000:00:05.0',
    )
    expect(aliases({ at: '06:00.0', ids: [0x9005, 0x0285] })).toBe('unknown: device-registers at 0000:06:00.0')
  })
})

// K: drivers/pci/msi/irqdomain.c, get_msi_id_cb: where the emitter or its alias is on another bus than what was kept so far.
describe('the id of MSIs', () => {
  it.each([
    ['06:01.0', 0x0608, 0x0608],
    ['06:01.0', 0x0609, 0x0608],
    ['06:01.0', 0x0700, 0x0700],
    ['00:05.0', 0x0600, 0x0600],
    ['00:05.0', 0x0028, 0x0028],
  ])('0608 and what %s emits (row %#)', (at, requesterId, expected) => {
    expect(msiRequesterId(0x0608, [{ function: pciFunction({ at }), requesterId }])).toBe(expected)
  })
})

describe('quirk aliases', () => {
  const of = (literal: Omit<FunctionLiteral, 'at'>, at = '05:00.0') => quirkAliasesOf(pciFunction({ at, ...literal }))
  it('of Ricoh are function 0, except for function 0', () => {
    expect(of({ ids: [0x1180, 0xe832] }, '05:00.4')).toEqual([0])
    expect(of({ ids: [0x1180, 0xe832] })).toEqual([])
    expect(of({ ids: [0x1180, 0xe832] }, '05:03.1')).toEqual([0x18])
    expect(of({ ids: [0x1181, 0xe832] }, '05:00.4')).toEqual([])
  })
  it('of Adaptec need the subsystem ids', () => {
    expect(of({ ids: [0x9005, 0x0285], subsystem: [0x9005, 0x02bb] })).toEqual([8])
    expect(of({ ids: [0x9005, 0x0285], subsystem: [0x9005, 0x02bd] })).toEqual([])
    expect(of({ ids: [0x9005, 0x0285], subsystem: [0x9006, 0x02bb] })).toEqual([])
    expect(of({ ids: [0x9005, 0x0285] })).toBe('unknown')
    expect(of({ ids: [0x9005, 0x0285], subsystem: ['UNREADABLE', 0x02bb] })).toBe('unknown')
    expect(of({ ids: [0x9005, 0x0285], subsystem: [0x9005, 'UNREADABLE'] })).toBe('unknown')
  })
  it.each([
    [0x6766, 0x3d40, 0],
    [0x6766, 0x3d41, 0],
    [0x1b4b, 0x9230, 1],
    [0x1103, 0x0642, 1],
    [0x1103, 0x0645, 1],
    [0x197b, 0x2392, 1],
    [0x1c28, 0x0122, 1],
  ])('are of one function (row %#)', (vendor, device, expected) => {
    expect(of({ ids: [vendor, device] }, '05:00.2')).toEqual([expected])
  })
  it('of non-transparent bridges are many, or in registers', () => {
    expect(of({ ids: [0x8086, 0x2264] })).toEqual([0x80, 0x88, 0x93])
    // Functions 0 to 4 of every device there can be; and all there can be.
    const all = Array.from({ length: 256 }, (_, devfn) => devfn)
    expect(of({ ids: [0x8086, 0x2954] })).toEqual(all.filter((devfn) => (devfn & 7) < 5))
    expect(of({ ids: [0x10b5, 0x87b0] })).toEqual(all)
    expect(of({ ids: [0x11f8, 0x8533], classCode: 0x068000 })).toBe('unknown')
    expect(of({ ids: [0x11f8, 0x8533], classCode: 0x058000 })).toEqual([])
    expect(of({ ids: [0x11f8, 0x8533], classCode: 'UNREADABLE' })).toBe('unknown')
    expect(of({ ids: [0x1055, 0x1000], classCode: 0x068000 })).toBe('unknown')
    expect(of({ ids: [0x1056, 0x1000], classCode: 0x068000 })).toEqual([])
  })
})
