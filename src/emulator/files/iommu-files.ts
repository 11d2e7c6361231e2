import { toInteger } from '../byte-record.js'
import { doorbellOf } from '../plan/doorbells.js'
import { groupTypeOf } from '../plan/group-types.js'
import { iommuCompatible, iommuNode, paddedAddress as padded } from '../plan/iommu-places.js'
import type { IommuDescription } from '../machine-description.js'
import type { MachinePlan, PlannedFunction } from '../plan/planned-machine.js'
import { writePlatformDevice } from '../platform-files.js'
import type { SysfsBuilder } from '../sysfs-builder.js'

/** Groups with their members, types and reserved regions, and the IOMMUs that run. */
export function writeIommuFiles(plan: MachinePlan, builder: SysfsBuilder): void {
  const { description } = plan
  if (description.firmware !== 'none' || (description.iommus ?? []).length > 0) {
    builder.directory('sys/kernel/iommu_groups')
  }
  builder.directory('sys/class/iommu')
  const members = new Map<number, PlannedFunction[]>()
  for (const fn of plan.functions) {
    if (fn.group === undefined) continue
    const known = members.get(fn.group)
    if (known) known.push(fn)
    else members.set(fn.group, [fn])
  }
  for (const [group, functions] of members) writeGroup(plan, group, functions, builder)
  for (const iommu of plan.iommus.values()) writeInstance(plan, iommu, builder)
}

function writeGroup(
  plan: MachinePlan,
  group: number,
  functions: readonly PlannedFunction[],
  builder: SysfsBuilder,
): void {
  const path = `sys/kernel/iommu_groups/${group}`
  for (const fn of functions) builder.link(`${path}/devices/${fn.name}`, fn.path)
  const iommu = functions[0]?.iommu
  const type = plan.description.architecture === 's390x' ? 'DMA-FQ' : 'unknown'
  builder.file(`${path}/type`, `${iommu ? groupTypeOf(plan.description, iommu) : type}\n`)
  const regions = new Map<string, bigint>()
  const add = (start: bigint, end: bigint, type: string): void => {
    regions.set(`${padded(start)} ${padded(end)} ${type}\n`, start)
  }
  for (const fn of functions) {
    for (const region of fn.description.reservedRegions ?? []) {
      add(toInteger(region.start), toInteger(region.end), region.type)
    }
    for (const [start, end, type] of reservedRegions(plan, fn)) add(start, end, type)
  }
  const sorted = [...regions].sort(([, left], [, right]) => (left < right ? -1 : left > right ? 1 : 0))
  builder.file(`${path}/reserved_regions`, sorted.map(([line]) => line).join(''))
}

type Region = readonly [start: bigint, end: bigint, type: string]

function reservedRegions(plan: MachinePlan, fn: PlannedFunction): readonly Region[] {
  switch (fn.iommu?.type) {
    case undefined:
    case 'riscv':
      return []
    case 'smmuv3':
    case 'smmuv2':
      return [[0x8000000n, 0x80fffffn, 'msi']]
    case 'virtio-iommu': {
      if (plan.description.architecture === 'x86_64') return [[0xfee00000n, 0xfeefffffn, 'msi']]
      const doorbell = typeof fn.msi === 'object' ? doorbellOf(fn.msi) : undefined
      return doorbell ? [[doorbell.start, doorbell.end, 'msi']] : []
    }
    case 'vt-d': {
      const isaBridge = fn.description.class?.startsWith('0601') === true
      const window: Region = [0xfee00000n, 0xfeefffffn, 'msi']
      return isaBridge ? [[0n, 0xffffffn, 'direct-relaxable'], window] : [window]
    }
    case 'amd-vi':
      return [
        [0xfee00000n, 0xfeefffffn, 'msi'],
        [0xfd00000000n, 0xffffffffffn, 'reserved'],
      ]
  }
}

const DRIVERS: Readonly<Record<IommuDescription['type'], string>> = {
  smmuv3: 'arm-smmu-v3',
  smmuv2: 'arm-smmu',
  riscv: 'riscv,iommu',
  'virtio-iommu': 'virtio-mmio',
  'vt-d': 'intel-iommu',
  'amd-vi': 'AMD-Vi',
}

function writeInstance(plan: MachinePlan, iommu: IommuDescription, builder: SysfsBuilder): void {
  const place = plan.iommuPlaces.get(iommu.name)
  if (!place || iommu.enabled === false) return
  const { device, instance, className, platformDevice } = place
  const runs = iommu.driver !== false
  if (platformDevice !== undefined) {
    const driver = DRIVERS[iommu.type]
    const described = plan.description.firmware === 'devicetree'
    writePlatformDevice(
      {
        path: platformDevice,
        driver: runs ? driver : undefined,
        modalias: `platform:${driver}`,
        ...(described ? { node: { name: iommuNode(iommu), compatible: iommuCompatible(iommu) } } : {}),
      },
      builder,
    )
  }
  if (!runs) return
  builder.link(`sys/class/iommu/${className}`, instance)
  builder
    .link(`${instance}/subsystem`, 'sys/class/iommu')
    .file(`${instance}/uevent`, '')
    .directory(`${instance}/devices`)
  if (device !== undefined) builder.link(`${instance}/device`, device)
  for (const fn of plan.functions) {
    if (fn.group !== undefined && fn.iommu === iommu) builder.link(`${instance}/devices/${fn.name}`, fn.path)
  }
  if (iommu.type === 'vt-d') {
    builder.attributes(`${instance}/intel-iommu`, {
      version: '1:0',
      address: toInteger(iommu.address ?? 0).toString(16),
      cap: iommu.capability ?? 'd2008c40660462',
      ecap: iommu.extendedCapability ?? (iommu.interruptRemapping === false ? 'f020d2' : 'f020da'),
      domains_supported: 65536,
      domains_used: 1,
    })
  }
  if (iommu.type === 'amd-vi')
    builder.attributes(`${instance}/amd-iommu`, { cap: '10000100', features: '58f77ef22294a5a:0' })
}
