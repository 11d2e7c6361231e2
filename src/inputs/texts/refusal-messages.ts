import { parsePciAddress } from '../../machine/identifiers.js'
import type { Place } from './told.js'
import type { ToldMachine } from './told-machine.js'

const ADDRESS = '([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\\.[0-7])'
/** QEMU, hw/vfio: vfio_group_get (vfio_get_group) and vfio_realize; anywhere in a line, for libvirt and others quote it. */
const NOT_VIABLE = new RegExp(`\\bvfio (?:error: )?${ADDRESS}: group (\\d{1,9}) is not viable`)
const NO_GROUP = new RegExp(`\\bvfio (?:error: )?${ADDRESS}: no iommu_group found`)
/** K: drivers/base/dd.c, call_driver_probe; the first up to 6.9. */
const NOT_BOUND = new RegExp(
  `\\bvfio[-_]pci(?:: probe of ${ADDRESS} failed| ${ADDRESS}: (?:probe with driver|Firmware has requested))`,
)

/** What a refusal tells of the function that it names, beside what is read of the log; true where it names one. */
export function toldByRefusal(machine: ToldMachine, text: string, place: Place): boolean {
  if (!text.includes('vfio')) return false
  const functionAt = (name: string | undefined) => {
    const address = parsePciAddress(name ?? '')
    return address && machine.function(address, place)
  }
  const notViable = NOT_VIABLE.exec(text)
  const member = functionAt(notViable?.[1])
  if (member) machine.member(member, notViable?.[2] ?? '', place, false)
  const without = functionAt(NO_GROUP.exec(text)?.[1])
  if (without) machine.tell(without, 'iommuGroup', 'none', place)
  const notBound = NOT_BOUND.exec(text)
  const refused = functionAt(notBound?.[1] ?? notBound?.[2])
  return member !== undefined || without !== undefined || refused !== undefined
}
