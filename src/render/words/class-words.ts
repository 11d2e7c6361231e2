/** Base class and subclass (PCI Code and ID Assignment specification) in at most twelve characters. */
const SUBCLASSES: Readonly<Record<number, string>> = {
  0x0100: 'SCSI',
  0x0101: 'IDE',
  0x0104: 'RAID',
  0x0105: 'ATA',
  0x0106: 'SATA',
  0x0107: 'SAS',
  0x0108: 'NVMe',
  0x0200: 'Ethernet',
  0x0207: 'InfiniBand',
  0x0302: '3D',
  0x0403: 'audio',
  0x0502: 'CXL memory',
  0x0600: 'host bridge',
  0x0601: 'ISA bridge',
  0x0604: 'PCI bridge',
  0x0609: 'PCI bridge',
  0x0700: 'serial port',
  0x0806: 'IOMMU',
  0x0c03: 'USB',
  0x0c05: 'SMBus',
}
const BASE_CLASSES: Readonly<Record<number, string>> = {
  0x01: 'storage',
  0x02: 'network',
  0x03: 'display',
  0x04: 'multimedia',
  0x05: 'memory',
  0x06: 'bridge',
  0x07: 'serial',
  0x08: 'system',
  0x09: 'input',
  0x0b: 'processor',
  0x0c: 'serial bus',
  0x0d: 'wireless',
  0x0e: 'controller',
  0x0f: 'satellite',
  0x10: 'crypto',
  0x11: 'signal',
  0x12: 'accelerator',
}

/** `0x20000` is `Ethernet`; a class that has no name here is `device`. */
export function classWords(classCode: string): string {
  const code = /^0x[0-9a-f]{1,6}$/.test(classCode) ? Number.parseInt(classCode, 16) : Number.NaN
  if (Number.isNaN(code)) return 'device'
  return SUBCLASSES[code >> 8] ?? BASE_CLASSES[code >> 16] ?? 'device'
}

/** `8086:10d3`, as lspci writes it; `????` for what could not be read. */
export function idWords(vendorId: string, deviceId: string): string {
  const four = (id: string) => (/^0x[0-9a-f]{1,4}$/.test(id) ? id.slice(2).padStart(4, '0') : '????')
  return `${four(vendorId)}:${four(deviceId)}`
}

/** Words that say what kind of company a vendor is. */
const COMPANY =
  /,? (?:Corporation|Corp\.?|Incorporated|Inc\.?|Limited|Ltd\.?|LLC|GmbH|AG|B\.V\.|Co\.,? Ltd\.?|Technologies(?: Inc)?|Technology Group|Semiconductor)(?=[ ,]|$)/g

/**
 * A name for a narrow column: the vendor's own short form where pci.ids has one in brackets (`Advanced Micro Devices,
 * Inc. [AMD/ATI] Navi 21`), and without the words for companies.
 */
export function shortName(name: string): string {
  const bracket = /^[^[\]]{1,80}\[([^[\]]{1,20})\] (?=\S)/.exec(name)
  return bracket ? `${bracket[1] ?? ''} ${name.slice(bracket[0].length)}` : name.replaceAll(COMPANY, '')
}

interface Called {
  readonly name?: string | undefined
  readonly classCode: string
  readonly vendorId: string
  readonly deviceId: string
}

/** What a device is, in a sentence: `Intel Corporation 82574L Gigabit Network Connection [8086:10d3]`, or class and ids. */
export function deviceWords({ name, classCode, vendorId, deviceId }: Called): string {
  const ids = idWords(vendorId, deviceId)
  const isUntold = ids === '????:????'
  if (name === undefined) return isUntold ? classWords(classCode) : `${classWords(classCode)} ${ids}`
  return isUntold ? name : `${name} [${ids}]`
}

/** The same for a column: the name without ids, or class and ids. */
export function columnWords(device: Called): string {
  return device.name === undefined ? deviceWords(device) : shortName(device.name)
}
