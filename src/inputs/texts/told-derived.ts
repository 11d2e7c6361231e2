import type { FunctionWord, ToldFunction, ToldMachine } from './told-machine.js'

/** What bytes, and the class that the log shows before quirks, tell where no listing does. */
export function deriveIds(fn: ToldFunction): void {
  fromBytes(fn)
  fromName(fn)
  if (fn.earlyClass && !fn.words.has('classCode')) fn.words.set('classCode', fn.earlyClass)
}

/** Names in pci.ids of root ports by which a chip is known, for listings without numbers. */
const ROOT_PORTS: readonly (readonly [string, string, string])[] = [
  ['BCM2711 PCIe Bridge', '14e4', '2711'],
  ['BCM2712 PCIe Bridge', '14e4', '2712'],
  ['RK3399 PCI Express Root Port', '1d87', '0100'],
]

function fromName({ words }: ToldFunction): void {
  const name = words.get('name')
  if (!name || words.has('vendor') || words.has('device')) return
  const port = ROOT_PORTS.find(([ending]) => name.value.endsWith(ending))
  if (!port) return
  words.set('vendor', { value: port[1], place: name.place })
  words.set('device', { value: port[2], place: name.place })
}

function fromBytes(fn: ToldFunction): void {
  const { bytes, bytesPlace } = fn
  if (!(bytes instanceof Uint8Array) || !bytesPlace) return
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // A virtual function's own ids are all ones.
  if (view.getUint16(0, true) === 0xffff) return
  const hex = (value: number, width: number) => value.toString(16).padStart(width, '0')
  const ids: readonly (readonly [FunctionWord, string])[] = [
    ['vendor', hex(view.getUint16(0, true), 4)],
    ['device', hex(view.getUint16(2, true), 4)],
    ['classCode', hex(view.getUint32(8, true) >>> 8, 6)],
  ]
  for (const [word, value] of ids) {
    const before = fn.words.get(word)
    // lspci prints no programming interface without -v, and the kernel corrects the class of some ports.
    const isLess = word === 'classCode' && before?.value.slice(0, 4) === value.slice(0, 4)
    if (!before || isLess) fn.words.set(word, { value, place: bytesPlace })
  }
  if ((bytes[0x0e] ?? 0) % 0x80 !== 1) return
  fn.words.set('secondaryBus', { value: hex(bytes[0x19] ?? 0, 2), place: bytesPlace })
  fn.words.set('subordinateBus', { value: hex(bytes[0x1a] ?? 0, 2), place: bytesPlace })
}

/** The architecture by host bridges that only x86 has: Intel's, and AMD's but for those of its Arm processors (1022:1a00 and on). */
export function deriveArchitecture(machine: ToldMachine): void {
  if (machine.files.has('proc/sys/kernel/arch')) return
  for (const { address, words } of machine.functions.values()) {
    const [vendor, device, code] = [words.get('vendor'), words.get('device'), words.get('classCode')]
    if (address.bus !== 0 || address.device !== 0 || !vendor || !code?.value.startsWith('0600')) continue
    const isAmd = vendor.value === '1022' && device?.value.startsWith('1a') === false
    if (vendor.value === '8086' || isAmd) {
      machine.architecture('x86_64', vendor.place)
      return
    }
  }
}
