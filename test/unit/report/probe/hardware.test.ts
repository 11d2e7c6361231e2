import { describe, expect, test } from 'vitest'
import { known, mapFact, type Fact } from '../../../../src/machine/fact.js'
import type { PciFunction, SriovCapability } from '../../../../src/machine/pci.js'
import { hardwareReport } from '../../../../src/report/probe/hardware.js'
import { pciFunction } from '../../kernel/pci/pci-functions.js'

const sriov = (firstVfOffset: number, vfStride: number): Fact<SriovCapability> =>
  known({
    offset: 0x160,
    vfEnabled: true,
    totalVfs: 8,
    initialVfs: 8,
    numVfs: 4,
    firstVfOffset,
    vfStride,
    vfDeviceId: 0x1565,
  })
function physical(firstVfOffset: number, vfStride: number): PciFunction {
  const fn = pciFunction({ at: '01:00.0' })
  const configuration = mapFact(fn.configuration, (space) => ({ ...space, sriov: sriov(firstVfOffset, vfStride) }))
  return { ...fn, configuration }
}
const unread = pciFunction({ at: '01:00.0', type: 'none' })
const virtual = (at: string) => pciFunction({ at, physicalFunction: '0000:01:00.0' })
const indexOf = (fn: PciFunction, of: PciFunction) => hardwareReport(fn, new Map([[of.name, of]])).virtualFunctionIndex

describe('the index of a virtual function', () => {
  // PCIe 6.0, 9.3.3.9 and 9.3.3.10: VF n (from 1) is at the PF's RequesterID + First VF Offset + (n - 1) * VF Stride.
  test.each([
    ['0000:01:10.0', 0x80, 2, 0],
    ['0000:01:10.2', 0x80, 2, 1],
    ['0000:01:11.0', 0x80, 2, 4],
    ['0000:02:00.0', 0x100, 1, 0],
    ['0000:01:00.1', 1, 0, 0],
  ] as const)('%s with offset 0x%s and stride %s', (name, offset, stride, index) => {
    expect(indexOf(virtual(name), physical(offset, stride))).toBe(index)
  })

  test('is unknown where the capability puts no VF there, or cannot be read', () => {
    expect(indexOf(virtual('0000:01:10.1'), physical(0x80, 2))).toBe('unknown')
    expect(indexOf(virtual('0000:01:00.2'), physical(1, 0))).toBe('unknown')
    expect(indexOf(virtual('0000:01:00.1'), physical(0x80, 2))).toBe('unknown')
    expect(indexOf(virtual('0000:01:10.0'), unread)).toBe('unknown')
  })

  test('is none for a function that is no VF', () => {
    expect(indexOf(pciFunction({ at: '01:00.0' }), physical(0x80, 2))).toBe('none')
  })
})

test('a capability that nobody could read is unknown, one that is not there has no vectors', () => {
  expect(hardwareReport(unread, new Map()).msix).toEqual({ present: 'unknown', enabled: 'unknown', vectors: 'unknown' })
  const without = pciFunction({ at: '01:00.0' })
  expect(hardwareReport(without, new Map()).msix).toEqual({ present: 'no', enabled: 'no', vectors: 0 })
})
