import { describe, expect, it } from 'vitest'
import { acsEnabled, acsPathEnabled } from '../../../../src/kernel/pci/acs.js'
import { buildPciTopology } from '../../../../src/kernel/pci/pci-topology.js'
import { parseRelease } from '../../../../src/kernel/release.js'
import { pciFunction, type FunctionLiteral } from './pci-functions.js'

function acs(literal: Omit<FunctionLiteral, 'at'>, at = '00:05.0', hasIvrs: 'yes' | 'no' | 'unknown' = 'no') {
  const fn = pciFunction({ at, ...literal })
  return acsEnabled(buildPciTopology([fn], undefined), fn, { hasIvrs })
}

describe('pci_acs_enabled', () => {
  it.each([
    ['conventional', 'no'],
    ['pcie-to-pci-bridge', 'no'],
    ['pci-to-pcie-bridge', 'no'],
    ['rc-event-collector', 'no'],
    ['root-port', 'no'],
    ['downstream-port', 'no'],
    ['endpoint', 'yes'],
    ['legacy-endpoint', 'yes'],
    ['upstream-port', 'yes'],
    ['rc-integrated-endpoint', 'yes'],
    ['reserved', 'yes'],
    ['header', 'unknown'],
    ['none', 'unknown'],
  ] as const)('%s without an ACS capability: %s', (type, expected) => {
    expect(acs({ type })).toBe(expected)
  })
  it.each([
    [[0x5f, 0x1d], 'yes'],
    [[0x5f, 0x1c], 'no'],
    [[0x5f, 0x00], 'no'],
    // What the port does not implement counts as satisfied.
    [[0x11, 0x11], 'yes'],
    [[0x00, 0x00], 'yes'],
  ] as const)('root port with capability and control %j: %s', (pair, expected) => {
    expect(acs({ type: 'root-port', acs: pair })).toBe(expected)
    expect(acs({ type: 'downstream-port', acs: pair })).toBe(expected)
    expect(acs({ type: 'endpoint', acs: pair, multifunctionBit: true })).toBe(expected)
    expect(acs({ type: 'endpoint', acs: pair })).toBe('yes')
  })
  it('asks the functions of a multifunction device for their bits', () => {
    expect(acs({ type: 'endpoint', multifunctionBit: true })).toBe('no')
    expect(acs({ type: 'endpoint' }, '00:05.1')).toBe('no')
    expect(acs({ type: 'endpoint', physicalFunction: '0000:00:05.0' }, '00:05.1')).toBe('yes')
    expect(acs({ type: 'endpoint', physicalFunction: 'UNREADABLE' }, '00:05.1')).toBe('unknown')
    expect(acs({ type: 'endpoint', acs: 'UNREADABLE' }, '00:05.1')).toBe('unknown')
    expect(acs({ type: 'endpoint', acs: 'UNREADABLE' })).toBe('yes')
    expect(acs({ type: 'endpoint', acs: [0x1d, 0x1d], physicalFunction: 'UNREADABLE' }, '00:05.1')).toBe('yes')
    expect(acs({ type: 'endpoint', acs: [0x1d, 0x1c], physicalFunction: 'UNREADABLE' }, '00:05.1')).toBe('unknown')
  })

  describe('quirks', () => {
    it('come first', () => {
      expect(acs({ ids: [0x17cb, 0x0111], type: 'root-port' })).toBe('yes')
      expect(acs({ ids: [0x1def, 0xe005], type: 'root-port', acs: [0x1d, 0] })).toBe('yes')
      expect(acs({ ids: [0x8086, 0x10c9], multifunctionBit: true })).toBe('yes')
      expect(acs({ ids: [0x8086, 0x10ca], multifunctionBit: true })).toBe('no')
      expect(acs({ ids: [0x1dbf, 0x0401], type: 'root-port' })).toBe('yes')
      expect(acs({ ids: [0x1dbf, 0x0402], type: 'root-port' })).toBe('no')
    })
    it('of Intel cover integrated endpoints', () => {
      expect(acs({ ids: [0x8086, 0x4641], type: 'rc-integrated-endpoint', multifunctionBit: true })).toBe('yes')
      expect(acs({ ids: [0x1022, 0x4641], type: 'rc-integrated-endpoint', multifunctionBit: true })).toBe('no')
    })
    it('of Intel PCHs depend on registers', () => {
      expect(acs({ ids: [0x8086, 0x1c10], type: 'root-port' })).toBe('unknown')
      expect(acs({ ids: [0x8086, 0xa110], type: 'root-port', acs: [0x1d, 0x1d] })).toBe('unknown')
      expect(acs({ ids: [0x8086, 0xa110], type: 'root-port' })).toBe('no')
      expect(acs({ ids: [0x8086, 0xa110], type: 'root-port', acs: 'UNREADABLE' })).toBe('unknown')
      expect(acs({ ids: [0x8086, 0x1c10], type: 'endpoint', multifunctionBit: true })).toBe('no')
      expect(acs({ ids: [0x8086, 0x1c10], type: 'none' })).toBe('unknown')
    })
    it('of Cavium and Annapurna cover root ports only', () => {
      expect(acs({ ids: [0x177d, 0xa7ff], type: 'root-port' })).toBe('yes')
      expect(acs({ ids: [0x177d, 0xa800], type: 'root-port' })).toBe('no')
      expect(acs({ ids: [0x177d, 0xa7ff], type: 'downstream-port' })).toBe('no')
      expect(acs({ ids: [0x177d, 0xa026], multifunctionBit: true })).toBe('yes')
      // A root port by the one row, several functions by the other.
      expect(acs({ ids: [0x177d, 0xa026], type: 'none' })).toBe('yes')
      expect(acs({ ids: [0x177d, 0xa027], type: 'none' })).toBe('unknown')
      expect(acs({ ids: [0x1c36, 0x0031], type: 'root-port' })).toBe('yes')
      expect(acs({ ids: [0x1c36, 0x0031], type: 'downstream-port' })).toBe('no')
    })
    it('of Zhaoxin and Wangxun say no to what they do not list', () => {
      expect(acs({ ids: [0x1d17, 0x0721], type: 'downstream-port' })).toBe('yes')
      expect(acs({ ids: [0x1d17, 0x0722], type: 'downstream-port', acs: [0x1d, 0x1d] })).toBe('no')
      expect(acs({ ids: [0x8088, 0x1001], multifunctionBit: true })).toBe('yes')
      expect(acs({ ids: [0x8088, 0x1002] })).toBe('no')
      // Only of ports of PCI Express, and of no vendor but their own.
      expect(acs({ ids: [0x1d17, 0x0722] })).toBe('yes')
      expect(acs({ ids: [0x1d17, 0x0721], type: 'conventional' })).toBe('no')
      expect(acs({ ids: [0x1d17, 0x0721], type: 'none' })).toBe('unknown')
      expect(acs({ ids: [0x1d18, 0x0721], type: 'root-port' })).toBe('no')
    })
    it('of AMD southbridges need an IVRS, a root bus and several functions', () => {
      const sb: Omit<FunctionLiteral, 'at'> = { ids: [0x1002, 0x4385], type: 'conventional', multifunctionBit: true }
      expect(acs(sb, '00:14.0', 'yes')).toBe('yes')
      expect(acs(sb, '00:14.0', 'no')).toBe('no')
      expect(acs(sb, '00:14.0', 'unknown')).toBe('unknown')
      expect(acs({ ...sb, multifunctionBit: false }, '00:14.0', 'yes')).toBe('no')
    })
    it('leave Source Validation out of what IDT switch ports can do, from 7.2 on for certain', () => {
      const port = pciFunction({ at: '00:05.0', ids: [0x111d, 0x80b5], type: 'downstream-port', acs: [0x1d, 0x1c] })
      const answers = ['6.12.117', '6.19', '7.0', '7.1', '7.2'].map((release) =>
        acsEnabled(buildPciTopology([port], parseRelease(release)), port, { hasIvrs: 'no' }),
      )
      expect(answers).toEqual(['no', 'no', 'unknown', 'unknown', 'yes'])
      expect(acs({ ids: [0x111d, 0x8090], type: 'downstream-port', acs: [0x1d, 0x1c] })).toBe('unknown')
      for (const ids of [
        [0x111d, 0x8091],
        [0x111e, 0x8090],
      ] as const)
        expect(acs({ ids, type: 'downstream-port', acs: [0x1d, 0x1c] })).toBe('no')
      const redirecting = pciFunction({ at: '00:05.0', ids: [0x111d, 0x80b5], type: 'root-port', acs: [0x1d, 0x18] })
      expect(acsEnabled(buildPciTopology([redirecting], parseRelease('7.2')), redirecting, { hasIvrs: 'no' })).toBe(
        'no',
      )
    })
    it('cannot be excluded without ids', () => {
      expect(acs({ ids: 'UNREADABLE', type: 'endpoint' })).toBe('unknown')
    })
  })
})

// K: drivers/pci/quirks.c, pci_quirk_amd_sb_acs: of several functions, on a root bus, on a machine with an IVRS.
describe("AMD's south bridge", () => {
  it.each<[Omit<FunctionLiteral, 'at'>, 'yes' | 'no' | 'unknown', string]>([
    [{ multifunctionBit: true }, 'yes', 'yes'],
    [{ multifunctionBit: true }, 'no', 'no'],
    [{ multifunctionBit: true }, 'unknown', 'unknown'],
    [{ multifunctionBit: true, below: 'UNREADABLE' }, 'yes', 'unknown'],
    [{ multifunctionBit: true, below: ['00:04.0'] }, 'yes', 'no'],
    [{ type: 'none' }, 'yes', 'unknown'],
  ])('%j with an IVRS %s: %s', (literal, hasIvrs, expected) => {
    const fn = pciFunction({ at: '00:14.0', ids: [0x1002, 0x4385], type: 'conventional', ...literal })
    const above = pciFunction({ at: '00:04.0', secondaryBus: 1 })
    expect(acsEnabled(buildPciTopology([above, fn], undefined), fn, { hasIvrs })).toBe(expected)
    const ofAmd = pciFunction({ at: '00:14.0', ids: [0x1022, 0x780f], type: 'conventional', ...literal })
    expect(acsEnabled(buildPciTopology([above, ofAmd], undefined), ofAmd, { hasIvrs })).toBe(expected)
  })
})

describe('pci_acs_path_enabled', () => {
  const path = (
    port: FunctionLiteral['acs'],
    down: FunctionLiteral['acs'],
    below: FunctionLiteral['below'] = ['00:05.0'],
  ) => {
    const root = pciFunction({
      at: '00:05.0',
      type: 'root-port',
      secondaryBus: 6,
      ...(port === undefined ? {} : { acs: port }),
    })
    const leaf = pciFunction({
      at: '06:00.0',
      multifunctionBit: true,
      below,
      ...(down === undefined ? {} : { acs: down }),
    })
    return acsPathEnabled(buildPciTopology([root, leaf], undefined), leaf, { hasIvrs: 'no' })
  }
  const [all, none] = [
    [0x1d, 0x1d],
    [0x1d, 0],
  ] as const
  it('needs every device up to the root', () => {
    expect(path(all, all)).toBe('yes')
    expect(path(none, all)).toBe('no')
    expect(path(all, none)).toBe('no')
  })
  it('is settled by one that has not, and spoiled by one that cannot be read', () => {
    expect(path('UNREADABLE', none)).toBe('no')
    expect(path('UNREADABLE', all)).toBe('unknown')
    expect(path(all, all, 'UNREADABLE')).toBe('unknown')
    expect(path(all, none, 'UNREADABLE')).toBe('no')
  })
})
