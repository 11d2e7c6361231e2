import type { Change } from '../../src/sysroot/changed-sysroot.js'
import type { MemorySysroot } from '../../src/sysroot/memory-sysroot.js'
import type { Sysroot } from '../../src/sysroot/sysroot.js'

const ROOT_ONLY = ['sys/firmware/fdt', 'sys/kernel/debug', 'var/log/dmesg']

/**
 * The machine as a user without privileges reads it: 64 bytes of configuration space, no tables, blob, log or debugfs.
 * @param further what else is different
 */
export function asNobody(sysroot: MemorySysroot, further: readonly (readonly [string, Change])[] = []): Sysroot {
  const changes: (readonly [string, Change])[] = []
  const deny = (path: string) => changes.push([path, { kind: 'unreadable', reason: 'permission' }])
  for (const path of ROOT_ONLY)
    if (sysroot.list(path).state !== 'absent' || sysroot.bytes(path).state !== 'absent') deny(path)
  const tables = sysroot.list('sys/firmware/acpi/tables')
  if (tables.state === 'known') for (const name of tables.value) deny(`sys/firmware/acpi/tables/${name}`)
  const functions = sysroot.list('sys/bus/pci/devices')
  if (functions.state === 'known') {
    for (const name of functions.value) {
      const path = `sys/bus/pci/devices/${name}/config`
      const config = sysroot.bytes(path)
      if (config.state === 'known') changes.push([path, { kind: 'bytes', bytes: config.value.slice(0, 64) }])
    }
  }
  return sysroot.withChanges([...changes, ...further])
}
