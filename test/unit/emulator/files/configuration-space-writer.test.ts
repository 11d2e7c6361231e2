import { describe, expect, it } from 'vitest'
import { writeConfigurationSpace } from '../../../../src/emulator/files/configuration-space-writer.js'

const word = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)

/** Offsets and ids of the standard capabilities, by the pointers. */
function capabilities(bytes: Uint8Array): [number, number][] {
  const found: [number, number][] = []
  for (let at = bytes[0x34] ?? 0; at !== 0; at = bytes[at + 1] ?? 0) found.push([at, bytes[at] ?? 0])
  return found
}

function extendedCapabilities(bytes: Uint8Array): number[] {
  const found: number[] = []
  for (let at = 0x100; at !== 0 && word(bytes, at) !== 0; at = word(bytes, at + 2) >> 4) found.push(word(bytes, at))
  return found
}

describe('configuration space', () => {
  const nvme = {
    vendor: 0x1b36,
    device: 0x0010,
    subsystemVendor: 0x1af4,
    subsystemDevice: 0x1100,
    classCode: 0x010802,
    revision: 2,
    multifunction: true,
  } as const

  it('has ids, class, header type and every capability at its place', () => {
    const bytes = writeConfigurationSpace({
      ...nvme,
      pcie: 'endpoint',
      msi: { enabled: true, vectors: 4, address: '0xfffff040', data: 7 },
      msix: { enabled: true, vectors: 65, tableOffset: 0x2000, tableBar: 2 },
      acs: { capability: 0x5f, control: 0x1d },
      ari: { nextFunction: 1 },
      ats: { enabled: true, queueDepth: 8 },
      sriov: { totalVfs: 7, numVfs: 2, firstVfOffset: 128, vfStride: 2, vfDevice: 0x10ca },
      pri: { enabled: true },
      pasid: { enabled: true },
    })
    expect(bytes).toHaveLength(4096)
    expect(Array.from(bytes.subarray(0, 16))).toEqual([0x36, 0x1b, 0x10, 0, 6, 0, 0x10, 0, 2, 2, 8, 1, 0, 0, 0x80, 0])
    expect([word(bytes, 0x2c), word(bytes, 0x2e)]).toEqual([0x1af4, 0x1100])
    expect(capabilities(bytes)).toEqual([
      [0x40, 5],
      [0x50, 0x11],
      [0x5c, 0x10],
    ])
    // MSI: enabled, 4 of 4 vectors, 64-bit; MSI-X: enabled, 65 entries, table in BAR 2; PCIe version 2, type 0.
    expect(word(bytes, 0x42)).toBe(0x80 | (2 << 4) | (2 << 1) | 1)
    expect([word(bytes, 0x44), word(bytes, 0x46), word(bytes, 0x4c)]).toEqual([0xf040, 0xffff, 7])
    expect([word(bytes, 0x52), word(bytes, 0x54), word(bytes, 0x58)]).toEqual([0x8040, 0x2002, 0x2412])
    expect(word(bytes, 0x5e)).toBe(2)
    expect(extendedCapabilities(bytes)).toEqual([0x0d, 0x0e, 0x0f, 0x10, 0x13, 0x1b])
    expect([word(bytes, 0x104), word(bytes, 0x106)]).toEqual([0x5f, 0x1d])
    expect(word(bytes, 0x10c)).toBe(0x0100)
    expect([word(bytes, 0x114), word(bytes, 0x116)]).toEqual([8, 0x8000])
    expect([0x08, 0x0c, 0x0e, 0x10, 0x14, 0x16, 0x1a].map((at) => word(bytes, 0x118 + at))).toEqual([
      9, 7, 7, 2, 128, 2, 0x10ca,
    ])
  })

  it('has the length that the reader gets', () => {
    expect(writeConfigurationSpace(nvme)).toHaveLength(256)
    expect(writeConfigurationSpace({ ...nvme, pcie: 'endpoint' })).toHaveLength(4096)
    expect(writeConfigurationSpace({ ...nvme, pcie: 'endpoint', size: 64 })).toHaveLength(64)
  })

  it('writes bridges with their buses', () => {
    const bridge = { primaryBus: 0, secondaryBus: 2, subordinateBus: 5 }
    const bytes = writeConfigurationSpace({ ...nvme, classCode: 0x060400, bridge, pcie: 'root-port' })
    expect(Array.from(bytes.subarray(0x18, 0x1b))).toEqual([0, 2, 5])
    expect(bytes[0x0e]).toBe(0x81)
    expect(word(bytes, 0x42)).toBe(2 | (4 << 4))
  })
})
