import { parsePciAddress } from '../../machine/identifiers.js'
import type { Place } from './told.js'
import type { ToldMachine } from './told-machine.js'

/**
 * QEMU, hw/vfio: vfio_group_get (vfio_get_group), vfio_container_connect and vfio_realize; anywhere in a line, for libvirt
 * and others quote it.
 */
const OF_GROUP =
  /\bvfio (?:error: )?([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]): (?:failed to (?:setup container for|get) )?group (\d{1,9})(?:$|:| is not viable)/
const NO_GROUP = /\bvfio (?:error: )?([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]): no iommu_group found/
/** K: drivers/base/dd.c, call_driver_probe, up to 6.9; later and for other refusals the driver stands first. */
const NOT_BOUND_EARLY = /\bvfio[-_]pci: probe of ([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]) failed/
const NOT_BOUND =
  /\bvfio[-_]pci ([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]): (?:probe with driver|Firmware has requested)/

/** DPDK: usertools/dpdk-devbind.py, bind_one; lib/eal/linux/eal_vfio.c, rte_vfio_setup_device. */
const NOT_BOUND_BY_SCRIPT =
  /\bbind failed for ([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]) - Cannot bind to driver vfio-pci/
const NOT_SET_UP =
  /\bEAL: {1,3}([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]) (?:(?:VFIO|vfio) group is not viable|failed to select IOMMU type|cannot add (?:VFIO|vfio) group to container)/
const REFUSALS = [NOT_BOUND, NOT_BOUND_EARLY, NOT_BOUND_BY_SCRIPT, NOT_SET_UP]

/** What a refusal tells of the function that it names, beside what is read of the log; true where it names one. */
export function toldByRefusal(machine: ToldMachine, text: string, place: Place): boolean {
  if (!text.includes('vfio') && !text.includes('EAL: ')) return false
  const functionAt = (name: string | undefined) => {
    const address = parsePciAddress(name ?? '')
    return address && machine.function(address, place)
  }
  const ofGroup = OF_GROUP.exec(text)
  const member = functionAt(ofGroup?.[1])
  if (member) machine.member(member, ofGroup?.[2] ?? '', place, false)
  const without = functionAt(NO_GROUP.exec(text)?.[1])
  if (without) machine.tell(without, 'iommuGroup', 'none', place)
  const refused = REFUSALS.map((pattern) => functionAt(pattern.exec(text)?.[1])).find((fn) => fn !== undefined)
  return member !== undefined || without !== undefined || refused !== undefined
}
