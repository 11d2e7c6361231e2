import { unreadable, type Fact } from '../machine/fact.js'
import type { PciAddress } from '../machine/identifiers.js'
import type { ConfigurationSpace } from '../machine/pci.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { damaged, parsed, readLines, readLinkedName, readMatching, required } from './attribute.js'
import { decodeConfigurationSpace, registerIds, type RegisterIds } from './pci-configuration-space.js'
import { decodeLspciText } from './pci-lspci-text.js'
import { readUevent, type Uevent } from './uevent.js'

export const PCI_DEVICES = 'sys/bus/pci/devices'
const BRIDGE_CLASS = 0x0604
const CARDBUS_CLASS = 0x0607

/** What one function's directory says, before it is compared with the rest of the machine. */
export interface PciFunctionReading {
  readonly address: PciAddress
  readonly name: string
  readonly directory: string
  /** Target of the entry in `/sys/bus/pci/devices`: the way from the root bus. */
  readonly target: Fact<string>
  readonly vendor: Fact<number>
  readonly device: Fact<number>
  readonly subsystemVendor: Fact<number>
  readonly subsystemDevice: Fact<number>
  readonly classCode: Fact<number>
  readonly configuration: Fact<ConfigurationSpace>
  /** What the registers say of vendor, device and class; all ones in a VF's. */
  readonly registers: RegisterIds | undefined
  readonly physicalFunction: Fact<string>
  /** True when none of the attributes that every function has was there: unplugged, or a dangling entry. */
  readonly vanished: boolean
}

/** The same with what says much of it again, for what is read right after it and by nobody later. */
export interface FreshReading extends PciFunctionReading {
  readonly uevent: Fact<Uevent>
}

/** With or without `0x`. */
function hexadecimal(digits: string): number {
  return Number.parseInt(digits, 16)
}

function readIdentifier(sysroot: Sysroot, directory: string, file: string, digits: 4 | 6): Fact<number> {
  return readMatching(sysroot, directory, file, digits === 4 ? /^0x[0-9a-f]{4}$/ : /^0x[0-9a-f]{6}$/, hexadecimal)
}

/** An identifier joined with the same in `uevent`, where there is one. */
function confirmed(
  fact: Fact<number>,
  uevent: Fact<Uevent>,
  variable: string,
  select: (text: string) => string | undefined,
): Fact<number> {
  if (fact.state !== 'known' || uevent.state !== 'known') return fact
  const said = select(uevent.value.get(variable) ?? '')
  return said !== undefined && hexadecimal(said) === fact.value ? fact : damaged(fact, uevent)
}

const PAIR = /^[0-9A-F]{4}:[0-9A-F]{4}$/
/** The halves of a pair like `8086:10CA`. */
const firstOfPair = (text: string): string | undefined => (PAIR.test(text) ? text.slice(0, 4) : undefined)
const secondOfPair = (text: string): string | undefined => (PAIR.test(text) ? text.slice(5) : undefined)
const classDigits = (text: string): string | undefined => (/^[0-9A-F]{1,6}$/.test(text) ? text : undefined)

/** A half of the pair that `uevent` names; its own file is read only where that one cannot be. */
function subsystemIdentifier(
  sysroot: Sysroot,
  directory: string,
  file: string,
  uevent: Fact<Uevent>,
  select: (text: string) => string | undefined,
): Fact<number> {
  if (uevent.state !== 'known') return required(readIdentifier(sysroot, directory, file, 4))
  return parsed(uevent, (variables) => {
    const digits = select(variables.get('PCI_SUBSYS_ID') ?? '')
    return digits === undefined ? undefined : hexadecimal(digits)
  })
}

function readConfiguration(sysroot: Sysroot, directory: string): { fact: Fact<ConfigurationSpace>; ids?: RegisterIds } {
  const path = `${directory}/config`
  const read = sysroot.bytes(path)
  switch (read.state) {
    case 'absent':
      return { fact: unreadable('not-collected', { path }) }
    case 'unreadable':
      return { fact: unreadable(read.reason, { path }) }
    case 'known': {
      const ids = registerIds(read.value)
      return { fact: decodeConfigurationSpace(read.value, directory), ...(ids ? { ids } : {}) }
    }
  }
}

/** The configuration space as lspci printed it, where somebody kept that and not the space itself. */
function configurationAsText(
  sysroot: Sysroot,
  directory: string,
  classCode: Fact<number>,
): Fact<ConfigurationSpace> | undefined {
  const lines = readLines(sysroot, directory, 'lspci')
  if (lines.state !== 'known') return undefined
  const revision = readMatching(sysroot, directory, 'revision', /^0x[0-9a-f]{2}$/, hexadecimal)
  const isBridge = classCode.state === 'known' && classCode.value >>> 8 === BRIDGE_CLASS
  return decodeLspciText(
    lines.value,
    `${directory}/lspci`,
    revision.state === 'known' ? revision.value : 0,
    isBridge ? 1 : 0,
  )
}

/** Reads the attributes that need no other function. `target` is where its entry leads. */
export function readPciFunction(
  sysroot: Sysroot,
  address: PciAddress,
  name: string,
  target: Fact<string>,
): FreshReading {
  const directory = `${PCI_DEVICES}/${name}`
  const uevent = parsed(readUevent(sysroot, directory), (variables) =>
    variables.get('PCI_SLOT_NAME') === name ? variables : undefined,
  )
  const vendor = readIdentifier(sysroot, directory, 'vendor', 4)
  const device = readIdentifier(sysroot, directory, 'device', 4)
  const classCode = readIdentifier(sysroot, directory, 'class', 6)
  const { fact: space, ids } = readConfiguration(sysroot, directory)
  // Only a foreign text has it: on a machine the space itself can be read, or nothing of it.
  const isUntold = space.state === 'unreadable' && space.reason === 'not-collected'
  const configuration = (isUntold ? configurationAsText(sysroot, directory, classCode) : undefined) ?? space
  return {
    address,
    name,
    directory,
    target,
    uevent,
    vendor: required(confirmed(vendor, uevent, 'PCI_ID', firstOfPair)),
    device: required(confirmed(device, uevent, 'PCI_ID', secondOfPair)),
    subsystemVendor: subsystemIdentifier(sysroot, directory, 'subsystem_vendor', uevent, firstOfPair),
    subsystemDevice: subsystemIdentifier(sysroot, directory, 'subsystem_device', uevent, secondOfPair),
    classCode: required(confirmed(classCode, uevent, 'PCI_CLASS', classDigits)),
    configuration,
    registers: ids,
    physicalFunction: readLinkedName(sysroot, directory, 'physfn', /^\.\.\/(?:.*\/)?[^/]+$/),
    vanished: vendor.state === 'absent' && device.state === 'absent' && classCode.state === 'absent',
  }
}

/**
 * The configuration space joined with what sysfs says of the same function. A VF's own vendor and device registers are
 * all ones. Linux corrects the class of some root ports and controllers (K: drivers/pci/quirks.c), so that only a
 * bridge class with another header type contradicts.
 */
export function confirmedConfiguration(reading: PciFunctionReading, isVirtual: boolean): Fact<ConfigurationSpace> {
  const { configuration, registers, vendor, device, classCode } = reading
  if (configuration.state !== 'known' || !registers) return configuration
  const blank = isVirtual && registers.vendor === 0xffff && registers.device === 0xffff
  const differs = (fact: Fact<number>, register: number) => fact.state === 'known' && fact.value !== register
  if (!blank && (differs(vendor, registers.vendor) || differs(device, registers.device))) {
    return damaged(configuration, vendor, device)
  }
  if (classCode.state === 'known') {
    const { headerType } = configuration.value
    const bridge = classCode.value >>> 8
    const contradicts = (bridge === BRIDGE_CLASS && headerType !== 1) || (bridge === CARDBUS_CLASS && headerType !== 2)
    if (contradicts) return damaged(configuration, classCode)
  }
  return configuration
}
