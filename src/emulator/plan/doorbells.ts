import { toInteger } from '../byte-record.js'
import type { MsiControllerDescription } from '../machine-description.js'
import type { MachinePlan, PlannedFunction } from './planned-machine.js'
import { groupTypeOf } from './group-types.js'

/** A physical page, or range of pages, that devices write their messages to. */
export interface Doorbell {
  readonly start: bigint
  /** Last address, inclusive. */
  readonly end: bigint
  /** What a device's MSI address is, physically. */
  readonly register: bigint
}

/** Doorbell of an MSI controller; undefined for one that has none of its own in memory here. */
export function doorbellOf(controller: MsiControllerDescription): Doorbell | undefined {
  if (controller.address === undefined) return undefined
  const base = toInteger(controller.address)
  switch (controller.type) {
    case 'its':
      return { start: base + 0x10000n, end: base + 0x1ffffn, register: base + 0x10040n }
    case 'gicv5-its':
      return { start: base + 0x10000n, end: base + 0x1ffffn, register: base + 0x10000n }
    case 'gicv2m':
      return { start: base, end: base + 0xfffn, register: base + 0x40n }
    case 'gicv3-mbi':
      return { start: base, end: base + 0xffffn, register: base + 0x40n }
    case 'imsic':
    case 'dwc':
    case 'hyper-v':
    case 'vmd':
    case 'private':
      return { start: base, end: base + 0xfffn, register: base }
  }
}

/** Message address in a function's MSI capability: an IOVA where its group is translated, else the physical doorbell. */
export function iovaDoorbell(plan: MachinePlan, fn: PlannedFunction): bigint {
  if (fn.msi === undefined || fn.msi === 'vector' || fn.msi === 'remapped') return 0xfee00000n
  const register = doorbellOf(fn.msi)?.register ?? 0n
  const translated =
    fn.group !== undefined && fn.iommu !== undefined && groupTypeOf(plan.description, fn.iommu) !== 'identity'
  return translated ? 0xfffff000n | (register & 0xfffn) : register
}
