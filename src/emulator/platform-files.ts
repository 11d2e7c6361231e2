import type { SysfsBuilder } from './sysfs-builder.js'

/** A device on the platform bus. */
export interface PlatformDeviceFiles {
  /** Directory in sysfs. */
  readonly path: string
  readonly driver: string | undefined
  /** What follows `MODALIAS=`; for a device of the device tree it is made from the node. */
  readonly modalias?: string
  /** Node below `/`, its `compatible` and `device_type`. */
  readonly node?: { readonly name: string; readonly compatible: readonly string[]; readonly type?: string }
}

/** Directory, bus and driver links of a platform device. Source: drivers/of/device.c, of_device_uevent. */
export function writePlatformDevice(device: PlatformDeviceFiles, builder: SysfsBuilder): void {
  const { path, driver, node } = device
  const name = path.split('/').at(-1) ?? ''
  const lines = driver === undefined ? [] : [`DRIVER=${driver}`]
  let modalias = device.modalias ?? `platform:${name}`
  if (node) {
    const [baseName = ''] = node.name.split('@')
    lines.push(`OF_NAME=${baseName}`, `OF_FULLNAME=/${node.name}`)
    if (node.type !== undefined) lines.push(`OF_TYPE=${node.type}`)
    for (const one of node.compatible.map((text, index) => `OF_COMPATIBLE_${index}=${text}`)) lines.push(one)
    lines.push(`OF_COMPATIBLE_N=${node.compatible.length}`)
    modalias = `of:N${baseName}T${node.type ?? '(null)'}${node.compatible.map((text) => `C${text}`).join('')}`
    builder.link(`${path}/of_node`, `sys/firmware/devicetree/base/${node.name}`)
  }
  builder.file(`${path}/uevent`, `${[...lines, `MODALIAS=${modalias}`].join('\n')}\n`)
  builder.file(`${path}/modalias`, `${modalias}\n`)
  builder.file(`${path}/driver_override`, '(null)\n')
  builder.link(`sys/bus/platform/devices/${name}`, path).link(`${path}/subsystem`, 'sys/bus/platform')
  if (driver !== undefined) {
    builder.link(`${path}/driver`, `sys/bus/platform/drivers/${driver}`)
    builder.link(`sys/bus/platform/drivers/${driver}/${name}`, path)
  }
}
