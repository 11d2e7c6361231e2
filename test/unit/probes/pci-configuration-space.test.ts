import { describe, expect, it } from 'vitest'
import type { Fact } from '../../../src/machine/fact.js'
import type { ConfigurationSpace } from '../../../src/machine/pci.js'
import { decodeConfigurationSpace } from '../../../src/probes/pci-configuration-space.js'
import { plainFact } from '../../support/plain-fact.js'

const DIRECTORY = 'sys/bus/pci/devices/0000:00:01.0'
const PATH = `${DIRECTORY}/config`

/** A space of `size` bytes with the given bytes at the given offsets. */
function space(size: number, bytes: Readonly<Record<number, readonly number[]>>): Uint8Array {
  const content = new Uint8Array(size)
  for (const [offset, values] of Object.entries(bytes)) content.set(values, Number(offset))
  return content
}

function valueOf(fact: Fact<ConfigurationSpace>): ConfigurationSpace {
  if (fact.state !== 'known') throw new Error(`the space is ${fact.state}`)
  return fact.value
}

/** 8086:10c9 with PCI Express at 0xa0, MSI at 0x50, MSI-X at 0x70 and every extended capability of the specification. */
const ENDPOINT = {
  0x00: [0x86, 0x80, 0xc9, 0x10, 0x06, 0x04, 0x10, 0x00, 0x01, 0x00, 0x00, 0x02],
  0x0e: [0x80],
  0x34: [0xa0],
  // PCI Express, next 0x50, version 2, port type 9.
  0xa0: [0x10, 0x50, 0x92, 0x00],
  // MSI, next 0x70, enabled, 4 of 8 vectors (b1-3 = 3), 64 bit; address 0xfee00000_08090040, data 0x4021.
  0x50: [0x05, 0x70, 0xa7, 0x00, 0x40, 0x00, 0x09, 0x08, 0x00, 0x00, 0xe0, 0xfe, 0x21, 0x40],
  // MSI-X, next 0x90, enabled and masked, 10 entries, table in BAR 3 at 0, pending bits in BAR 3 at 0x2000.
  0x70: [0x11, 0x90, 0x09, 0xc0, 0x03, 0x00, 0x00, 0x00, 0x03, 0x20, 0x00, 0x00],
  // Enhanced Allocation, last.
  0x90: [0x14, 0x00, 0x00, 0x00],
  // ACS version 1, next 0x140; capability SV TB RR CR UF DT, control SV RR CR UF.
  0x100: [0x0d, 0x00, 0x01, 0x14, 0x5f, 0x00, 0x1d, 0x00],
  // ARI, next 0x150, next function 2.
  0x140: [0x0e, 0x00, 0x01, 0x15, 0x00, 0x02, 0x03, 0x00],
  // ATS, next 0x160, depth field 0, enabled.
  0x150: [0x0f, 0x00, 0x01, 0x16, 0x20, 0x00, 0x00, 0x80],
  // SR-IOV, next 0x1a0, VFs enabled, initial 7, total 7, 2 VFs, offset 0x80, stride 2, device 0x10ca.
  0x160: [0x10, 0x00, 0x01, 0x1a],
  0x168: [0x11, 0x00],
  0x16c: [0x07, 0x00, 0x07, 0x00, 0x02, 0x00, 0x00, 0x00, 0x80, 0x00, 0x02, 0x00, 0x00, 0x00, 0xca, 0x10],
  // PRI, next 0x1c0, enabled.
  0x1a0: [0x13, 0x00, 0x01, 0x1c, 0x01, 0x00, 0x00, 0x01],
  // PASID, last, not enabled.
  0x1c0: [0x1b, 0x00, 0x01, 0x00, 0x02, 0x08, 0x00, 0x00],
} as const

describe('decodeConfigurationSpace', () => {
  it('decodes every capability of a whole space', () => {
    const decoded = decodeConfigurationSpace(space(4096, ENDPOINT), DIRECTORY)
    const at = (offset: number, length: number, excerpt: string) => [{ path: PATH, at: { offset, length }, excerpt }]
    expect(plainFact(decoded)).toEqual({
      state: 'known',
      from: [{ path: PATH }],
      value: {
        extent: 'extended',
        headerType: 0,
        multifunctionBit: true,
        busMaster: true,
        revision: 1,
        pcie: {
          state: 'known',
          value: { offset: 0xa0, portType: 'rc-integrated-endpoint' },
          from: at(0xa0, 4, '10509200'),
        },
        msi: {
          state: 'known',
          value: { offset: 0x50, enabled: true, address: 0xfee0_0000_0809_0040n, data: 0x4021, maximumVectors: 8 },
          from: at(0x50, 14, '0570a700400009080000e0fe2140'),
        },
        msix: {
          state: 'known',
          value: {
            offset: 0x70,
            enabled: true,
            functionMasked: true,
            tableSize: 10,
            tableBar: 3,
            tableOffset: 0,
            pendingBar: 3,
            pendingOffset: 0x2000,
          },
          from: at(0x70, 12, '119009c00300000003200000'),
        },
        enhancedAllocation: { state: 'known', value: { offset: 0x90 }, from: at(0x90, 4, '14000000') },
        acs: {
          state: 'known',
          value: { offset: 0x100, capability: 0x5f, control: 0x1d },
          from: at(0x100, 8, '0d0001145f001d00'),
        },
        ari: {
          state: 'known',
          value: { offset: 0x140, nextFunction: 2, control: 3 },
          from: at(0x140, 8, '0e00011500020300'),
        },
        ats: {
          state: 'known',
          value: { offset: 0x150, enabled: true, queueDepth: 32 },
          from: at(0x150, 8, '0f00011620000080'),
        },
        sriov: {
          state: 'known',
          value: {
            offset: 0x160,
            vfEnabled: true,
            totalVfs: 7,
            initialVfs: 7,
            numVfs: 2,
            firstVfOffset: 0x80,
            vfStride: 2,
            vfDeviceId: 0x10ca,
          },
          from: at(0x160, 64, `1000011a00000000110000000700070002000000800002000000ca10${'00'.repeat(36)}`),
        },
        pri: {
          state: 'known',
          value: { offset: 0x1a0, enabled: true },
          from: at(0x1a0, 16, '1300011c01000001' + '00'.repeat(8)),
        },
        pasid: { state: 'known', value: { offset: 0x1c0, enabled: false }, from: at(0x1c0, 8, '1b00010002080000') },
      },
    })
  })

  it('withholds capabilities from an unprivileged read, and knows that a space of 256 bytes has no extended ones', () => {
    const header = valueOf(decodeConfigurationSpace(space(4096, ENDPOINT).slice(0, 64), DIRECTORY))
    expect(header.extent).toBe('header')
    expect(plainFact(header.msix)).toEqual({ state: 'unreadable', reason: 'permission', from: [{ path: PATH }] })
    expect(plainFact(header.acs)).toEqual({ state: 'unreadable', reason: 'permission', from: [{ path: PATH }] })
    const conventional = valueOf(decodeConfigurationSpace(space(4096, ENDPOINT).slice(0, 256), DIRECTORY))
    expect(conventional.extent).toBe('conventional')
    expect(conventional.msix.state).toBe('known')
    expect(plainFact(conventional.acs)).toEqual({ state: 'absent', from: [{ path: PATH }] })
  })

  it('knows from the status register alone that there is no capability list', () => {
    const decoded = valueOf(decodeConfigurationSpace(space(64, { 0: [0x86, 0x80] }), DIRECTORY))
    expect(decoded.msi.state).toBe('absent')
    expect(decoded.acs).toMatchObject({ state: 'unreadable', reason: 'permission' })
  })

  it('reads the buses of a bridge and 128 bytes of a CardBus bridge', () => {
    const bridge = valueOf(decodeConfigurationSpace(space(64, { 0x0e: [1], 0x18: [0, 3, 7] }), DIRECTORY))
    expect(bridge.bridge).toEqual({ primaryBus: 0, secondaryBus: 3, subordinateBus: 7 })
    expect(valueOf(decodeConfigurationSpace(space(128, { 0x0e: [2] }), DIRECTORY)).extent).toBe('header')
    expect(decodeConfigurationSpace(space(128, { 0x0e: [0] }), DIRECTORY)).toMatchObject({ reason: 'malformed' })
  })

  it.each([0, 1, 63, 65, 127, 255, 257, 2048, 4095, 4097])('takes a file of %i bytes for damage', (size) => {
    expect(decodeConfigurationSpace(new Uint8Array(size), DIRECTORY)).toEqual({
      state: 'unreadable',
      reason: 'malformed',
      from: [{ path: PATH }],
    })
  })

  it('takes all ones, as of a function that fell off the bus, for damage', () => {
    expect(decodeConfigurationSpace(new Uint8Array(4096).fill(0xff), DIRECTORY)).toMatchObject({ state: 'unreadable' })
  })

  it('keeps what stands before a loop and calls the rest unreadable', () => {
    const looping = valueOf(decodeConfigurationSpace(space(4096, { ...ENDPOINT, 0x70: [0x11, 0x50] }), DIRECTORY))
    expect(looping.msi.state).toBe('known')
    expect(looping.enhancedAllocation).toMatchObject({ state: 'unreadable', reason: 'malformed' })
    const extended = valueOf(
      decodeConfigurationSpace(space(4096, { ...ENDPOINT, 0x150: [0x0f, 0, 1, 0x14] }), DIRECTORY),
    )
    expect(extended.ats.state).toBe('known')
    expect(extended.pasid).toMatchObject({ state: 'unreadable', reason: 'malformed' })
  })

  it('takes the low three bits of a table for its BAR', () => {
    // MSI-X, last, one entry, table in BAR 5 at 0x2000, pending bits in BAR 4 at 0x3000.
    const msix = { 6: [0x10], 0x34: [0x40], 0x40: [0x11, 0, 0, 0, 0x05, 0x20, 0, 0, 0x04, 0x30, 0, 0] }
    expect(valueOf(decodeConfigurationSpace(space(256, msix), DIRECTORY)).msix).toMatchObject({
      value: { tableSize: 1, tableBar: 5, tableOffset: 0x2000, pendingBar: 4, pendingOffset: 0x3000 },
    })
  })

  it('takes a list with more capabilities than fit for damage', () => {
    // 48 of four bytes fill 0x40 to 0xfc; the last one points on.
    const slots = Array.from({ length: 48 }, (_, index) => 0x40 + index * 4)
    const chain = (last: number) => ({
      6: [0x10],
      0x34: [0x40],
      0x40: slots.flatMap((slot) => [0x09, slot === 0xfc ? last : slot + 4, 0, 0]),
    })
    expect(valueOf(decodeConfigurationSpace(space(256, chain(0)), DIRECTORY)).msi.state).toBe('absent')
    expect(valueOf(decodeConfigurationSpace(space(256, chain(0x40)), DIRECTORY)).msi.state).toBe('unreadable')
  })

  it('takes an extended list whose first header is all ones for an empty one', () => {
    const decoded = valueOf(decodeConfigurationSpace(space(4096, { 0x100: [0xff, 0xff, 0xff, 0xff] }), DIRECTORY))
    expect(decoded.acs.state).toBe('absent')
  })

  it('takes a structure that leaves the space for damage', () => {
    const standard = { 6: [0x10], 0x34: [0xf8], 0xf8: [0x11, 0x00, 0x09, 0x80] }
    expect(valueOf(decodeConfigurationSpace(space(256, standard), DIRECTORY)).msix).toEqual({
      state: 'unreadable',
      reason: 'malformed',
      from: [{ path: PATH, at: { offset: 0xf8, length: 8 } }],
    })
    const extended = { ...ENDPOINT, 0x100: [0x10, 0x00, 0xc1, 0xff], 0xffc: [0x0d, 0x00, 0x01, 0x00] }
    expect(valueOf(decodeConfigurationSpace(space(4096, extended), DIRECTORY)).acs).toMatchObject({
      reason: 'malformed',
    })
  })

  it('reads a 32-bit MSI and an empty extended list', () => {
    const decoded = valueOf(
      decodeConfigurationSpace(
        space(4096, { 6: [0x10], 0x34: [0x40], 0x40: [0x05, 0, 0x01, 0, 0x00, 0x00, 0xe0, 0xfe, 0x41, 0x00] }),
        DIRECTORY,
      ),
    )
    expect(decoded.msi).toMatchObject({
      value: { offset: 0x40, enabled: true, address: 0xfee0_0000n, data: 0x41, maximumVectors: 1 },
    })
    expect(decoded.sriov.state).toBe('absent')
  })
})
