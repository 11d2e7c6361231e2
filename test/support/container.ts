import type { Change } from '../../src/sysroot/changed-sysroot.js'
import type { MemorySysroot } from '../../src/sysroot/memory-sysroot.js'
import type { Sysroot } from '../../src/sysroot/sysroot.js'

/** Directories that container runtimes lay an empty one over (OCI runtime specification, `linux.maskedPaths`; runc, crun, moby). */
export const MASKED_DIRECTORIES = [
  'sys/firmware',
  'sys/devices/virtual/powercap',
  'proc/acpi',
  'proc/asound',
  'proc/scsi',
] as const

/** Files over which they bind `/dev/null`; `proc/interrupts` since moby 28. */
export const MASKED_FILES = [
  'proc/interrupts',
  'proc/kcore',
  'proc/keys',
  'proc/latency_stats',
  'proc/sched_debug',
  'proc/timer_list',
  'proc/timer_stats',
] as const

/** What a container's `/dev` has (OCI runtime specification, default devices). */
export const CONTAINER_NODES = [
  'console',
  'core',
  'fd',
  'full',
  'mqueue',
  'null',
  'ptmx',
  'pts',
  'random',
  'shm',
  'stderr',
  'stdin',
  'stdout',
  'tty',
  'urandom',
  'zero',
] as const

const isThere = (sysroot: Sysroot, path: string) =>
  sysroot.list(path).state !== 'absent' || sysroot.bytes(path).state !== 'absent'

function* masked(sysroot: Sysroot): Generator<readonly [string, Change]> {
  for (const path of ['sys/firmware/acpi', 'sys/firmware/devicetree', 'sys/firmware/fdt', 'sys/firmware/memmap'])
    if (isThere(sysroot, path)) yield [path, { kind: 'removed' }]
  yield ['sys/firmware', { kind: 'listing', names: [] }]
  for (const path of MASKED_FILES)
    if (isThere(sysroot, path)) yield [path, { kind: 'unreadable', reason: 'not-collected' }]
  for (const path of ['dev/vfio', 'dev/iommu', 'dev/kvm', 'dev/nodes.txt', 'proc/config.gz', 'etc/modprobe.d'])
    if (isThere(sysroot, path)) yield [path, { kind: 'removed' }]
  yield ['dev', { kind: 'listing', names: [...CONTAINER_NODES] }]
  yield ['var/log/dmesg', { kind: 'unreadable', reason: 'permission' }]
}

/** The machine as a process in a container of default settings reads it. */
export function inContainer(sysroot: MemorySysroot): Sysroot {
  return sysroot.withChanges(masked(sysroot))
}
