import { areaOf, type AreaName } from '../machine/evidence-areas.js'
import type { Budget } from '../budget/budget.js'
import type { Read, Sysroot } from '../sysroot/sysroot.js'
import type { Origin } from '../sysroot/types.js'

const NOT_COLLECTED = { state: 'unreadable', reason: 'not-collected' } as const

/**
 * What whoever took the files of a machine can have seen. A name that is missing inside of it is absent; outside of it
 * nobody looked, or something stood before it.
 */
export interface Coverage {
  readonly uncovered: ReadonlySet<AreaName>
  /**
   * An empty `/sys/firmware`: the kernel always shows something there, so that another directory lies over it, as
   * container runtimes put it (OCI runtime specification, `linux.maskedPaths`). Then `/dev` and `/etc` are the container's.
   */
  readonly masked: boolean
}

/** The coverage of a collector that saw all there is. */
export const WHOLE: Coverage = { uncovered: new Set(), masked: false }

/** What every listing of a directory by the kernel holds, whatever the hardware: who copied it copied all of it. */
const ALWAYS_LISTED = {
  // K: kernel/ksysfs.c
  'sys/kernel': ['uevent_seqnum', 'notes'],
  // K: drivers/char/mem.c
  'sys/class': ['mem'],
  // K: drivers/base/cpu.c
  'sys/bus': ['cpu'],
  // K: drivers/firmware/memmap.c, x86; arch/s390/kernel/ipl.c
  'sys/firmware': ['memmap', 'ipl'],
} as const

function isWhole(sysroot: Sysroot, directory: keyof typeof ALWAYS_LISTED): boolean {
  const names = sysroot.list(directory)
  return names.state === 'known' && ALWAYS_LISTED[directory].some((name) => names.value.includes(name))
}

/** A tree that describes a machine; kernels without one have a root node without properties of its own (6.9 and later). */
function hasDeviceTree(sysroot: Sysroot): boolean {
  const base = sysroot.list('sys/firmware/devicetree/base')
  if (base.state === 'known') return base.value.includes('compatible')
  return base.state === 'unreadable' || sysroot.link('sys/firmware/fdt').state !== 'absent'
}

/**
 * Tells by what is there what was looked at. One rule for this host, a container, a copied tree and a capture: all of it
 * is read through `sysroot`, so that a capture, which keeps what was read, is judged as the host was.
 */
export function coverageOf(sysroot: Sysroot): Coverage {
  const uncovered = new Set<AreaName>()
  const tables = sysroot.list('sys/firmware/acpi/tables').state !== 'absent'
  const tree = hasDeviceTree(sysroot)
  let masked = false
  // A machine has one description of the two. Where neither is there, none was collected, but for a kernel without ACPI.
  if (!tables && !tree) {
    const firmware = sysroot.list('sys/firmware')
    masked = firmware.state === 'known' && firmware.value.length === 0
    if (!isWhole(sysroot, 'sys/firmware')) uncovered.add('acpi-tables').add('device-tree')
  }
  const groups = sysroot.list('sys/kernel/iommu_groups')
  if (groups.state === 'absent' && !isWhole(sysroot, 'sys/kernel')) uncovered.add('iommu-groups')
  if (sysroot.list('sys/class/iommu').state === 'absent') {
    // Copies often leave empty directories out; without a group no IOMMU is driven.
    const noneDriven = groups.state === 'known' && groups.value.length === 0
    if (!noneDriven && !isWhole(sysroot, 'sys/class')) uncovered.add('iommu-class')
  }
  if (sysroot.list('sys/bus/pci/devices').state === 'absent' && !isWhole(sysroot, 'sys/bus')) {
    uncovered.add('pci-functions')
  }
  return { uncovered, masked }
}

/** A machine of which nothing is absent but what its collector looked for. */
class CoveredSysroot implements Sysroot {
  readonly origin: Origin
  readonly budget: Budget
  private readonly inner: Sysroot
  private readonly coverage: Coverage

  constructor(inner: Sysroot, coverage: Coverage) {
    this.inner = inner
    this.origin = inner.origin
    this.budget = inner.budget
    this.coverage = coverage
  }

  text(path: string): Read<string> {
    return this.covered(path, this.inner.text(path))
  }

  bytes(path: string): Read<Uint8Array> {
    return this.covered(path, this.inner.bytes(path))
  }

  list(path: string): Read<readonly string[]> {
    return this.covered(path, this.inner.list(path))
  }

  link(path: string): Read<string> {
    return this.covered(path, this.inner.link(path))
  }

  private covered<T>(path: string, read: Read<T>): Read<T> {
    const { uncovered, masked } = this.coverage
    if (read.state !== 'absent' && !masked) return read
    const area = areaOf(path)?.name
    if (area === undefined) return read
    // Below a mask the directory for modprobe is that of the container's image.
    if (masked && area === 'modprobe-options') return NOT_COLLECTED
    return read.state === 'absent' && uncovered.has(area) ? NOT_COLLECTED : read
  }
}

/** The machine as its coverage lets it be seen. */
export function coveredSysroot(sysroot: Sysroot, coverage: Coverage): Sysroot {
  return coverage.uncovered.size === 0 && !coverage.masked ? sysroot : new CoveredSysroot(sysroot, coverage)
}
