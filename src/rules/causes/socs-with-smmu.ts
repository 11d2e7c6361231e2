import type { PciFunction } from '../../machine/pci.js'

/** A processor that has an SMMU before PCIe, told by its root ports, which are on the chip. */
interface Soc {
  readonly name: string
  /** `vendor:device` of its root ports. */
  readonly rootPorts: readonly string[]
  /** Where its firmware setup has the switch, as its makers name it. */
  readonly setting?: string
}

/** pci.ids; the vendors' setup references and the IORTs of those machines. */
const SOCS: readonly Soc[] = [
  { name: 'Kunpeng 920', rootPorts: ['19e5:a120', '19e5:a121'], setting: 'Advanced, MISC Config, Support Smmu' },
  {
    name: 'Ampere Altra',
    rootPorts: [
      '1def:e100',
      '1def:e101',
      '1def:e102',
      '1def:e103',
      '1def:e104',
      '1def:e105',
      '1def:e106',
      '1def:e107',
      '1def:e108',
      '1def:e109',
      '1def:e110',
      '1def:e111',
    ],
  },
  { name: 'ThunderX2', rootPorts: ['14e4:9084', '177d:af84'] },
  { name: 'Centriq 2400', rootPorts: ['17cb:0400', '17cb:0401'] },
]

export interface SeenSoc {
  readonly name: string
  readonly setting: string | undefined
  /** The root port that shows it, and its ids. */
  readonly seen: string
  readonly id: string
}

const hex4 = (value: number) => value.toString(16).padStart(4, '0')

/** The processor whose root port is among the functions, as far as it is known to have an SMMU. */
export function socWithSmmu(functions: readonly PciFunction[]): SeenSoc | undefined {
  for (const { name, vendor, device } of functions) {
    if (vendor.state !== 'known' || device.state !== 'known') continue
    const id = `${hex4(vendor.value)}:${hex4(device.value)}`
    const soc = SOCS.find(({ rootPorts }) => rootPorts.includes(id))
    if (soc) return { name: soc.name, setting: soc.setting, seen: name, id }
  }
  return undefined
}
