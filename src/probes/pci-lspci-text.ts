import { absent, known, unreadable, type Fact } from '../machine/fact.js'
import type { ConfigurationSpace, PciePortType } from '../machine/pci.js'

/** Device/port types as `lspci -v` prints them behind the version of the Express capability. */
const PORT_TYPES: readonly (readonly [string, PciePortType])[] = [
  ['Endpoint', 'endpoint'],
  ['Legacy Endpoint', 'legacy-endpoint'],
  ['Root Port', 'root-port'],
  ['Upstream Port', 'upstream-port'],
  ['Downstream Port', 'downstream-port'],
  ['PCI-Express to PCI', 'pcie-to-pci-bridge'],
  ['PCI/PCI-X to PCI-Express', 'pci-to-pcie-bridge'],
  ['Root Complex Integrated Endpoint', 'rc-integrated-endpoint'],
  ['Root Complex Event Collector', 'rc-event-collector'],
]
const CAPABILITY = /^Capabilities: \[([0-9a-f]{2,3})(?: v\d{1,2})?\] (.{1,200})$/
const BUSES = /^Bus: primary=([0-9a-f]{2}), secondary=([0-9a-f]{2}), subordinate=([0-9a-f]{2})/
/** ACS flags in the order of their bits, from 0 on. */
const ACS_FLAGS = ['SrcValid', 'TransBlk', 'ReqRedir', 'CmpltRedir', 'UpstreamFwd', 'EgressCtrl', 'DirectTrans']

/** One capability as it was printed: where it is, its title, and the lines below it. */
interface Shown {
  readonly offset: number
  readonly title: string
  readonly lines: string[]
}

/** What a text of one function says; whatever it does not say is not known to be missing, unless it is whole. */
class Listing {
  readonly capabilities: Shown[] = []
  readonly head: string[] = []
  withheld = false
  whole = false

  constructor(lines: readonly string[]) {
    let shown: Shown | undefined
    for (const line of lines) {
      const match = CAPABILITY.exec(line)
      if (match) {
        shown = { offset: Number.parseInt(match[1] ?? '', 16), title: match[2] ?? '', lines: [] }
        this.capabilities.push(shown)
      } else if (line === 'Capabilities: <access denied>') this.withheld = true
      else if (line === 'Whole: yes') this.whole = true
      else if (shown) shown.lines.push(line)
      else this.head.push(line)
    }
  }

  line(start: string): string | undefined {
    return this.head.find((line) => line.startsWith(start))
  }

  /** Listed to its end, with what only the second level of detail prints. */
  get isWhole(): boolean {
    return this.whole && this.line('Control:') !== undefined && this.line('Status:') !== undefined
  }
}

/** A number behind `key` in a line: `Queue Depth: 00`, `offset=00002000`. */
function numberBehind(lines: readonly string[], key: string, radix: 10 | 16): number | undefined {
  for (const line of lines) {
    const at = line.indexOf(key)
    if (at < 0) continue
    const digits = (radix === 16 ? /^[0-9a-f]{1,16}/ : /^\d{1,9}/).exec(line.slice(at + key.length).replace(/^0x/, ''))
    if (digits) return Number.parseInt(digits[0], radix)
  }
  return undefined
}

/** Whether a flag is set: `Enable+` or `Enable-`; undefined where the line does not show it. */
function flag(text: string | undefined, name: string): boolean | undefined {
  const at = text?.indexOf(name) ?? -1
  const sign = text?.charAt(at + name.length)
  return at < 0 || (sign !== '+' && sign !== '-') ? undefined : sign === '+'
}

function bitsOf(line: string | undefined): number | undefined {
  let bits = 0
  for (const [bit, name] of ACS_FLAGS.entries()) {
    const set = flag(line, name)
    if (set === undefined) return undefined
    if (set) bits |= 1 << bit
  }
  return bits
}

const notCollected = (path: string) => unreadable('not-collected', { path })

/** A capability by the beginning of its title. */
function capability<T>(
  listing: Listing,
  path: string,
  space: 'standard' | 'extended',
  title: string,
  decode: (shown: Shown) => T | undefined,
): Fact<T> {
  const shown = listing.capabilities.find((one) => one.title.startsWith(title))
  if (shown) {
    const value = decode(shown)
    return value === undefined ? notCollected(path) : known(value, { path, excerpt: shown.title.slice(0, 100) })
  }
  if (listing.withheld) return unreadable('permission', { path })
  if (!listing.isWhole) return notCollected(path)
  // A list of which nothing was shown was left out by whoever pasted it.
  const announced = listing.line('Status:')?.startsWith('Status: Cap+') ?? true
  const isShown = listing.capabilities.some(({ offset }) => (space === 'standard' ? offset < 0x100 : offset >= 0x100))
  // Without an Express capability there is no extended space.
  const isExpress = listing.capabilities.some((one) => one.title.startsWith('Express'))
  const left =
    space === 'standard' ? announced && !isShown : !isShown && (isExpress || listing.capabilities.length === 0)
  return left ? notCollected(path) : absent({ path })
}

/** Undefined where the words are no port type's: a line that was cut says nothing. */
function portTypeOf(title: string): PciePortType | undefined {
  const shown = title.replace(/^Express (?:\(v\d\) )?/, '')
  if (shown.startsWith('Unknown type ')) return 'reserved'
  return PORT_TYPES.find(([name]) => shown.startsWith(name))?.[1]
}

/**
 * The configuration space of a function as `lspci -v` and more print it, the lines in their order and without
 * indentation. What is not printed of a capability leaves it unknown; a capability that is not printed is absent only in
 * a listing of at least -vv that goes on behind the function. Source: pciutils, ls-caps.c and ls-ecaps.c.
 *
 * @param headerType from the class, which the listing's first line gives: 1 for a PCI bridge
 */
export function decodeLspciText(
  lines: readonly string[],
  path: string,
  revision: number,
  headerType: 0 | 1,
): Fact<ConfigurationSpace> {
  const listing = new Listing(lines)
  const buses = BUSES.exec(listing.line('Bus:') ?? '')
  const flags = listing.line('Flags:')
  const busMaster = flag(listing.line('Control:'), 'BusMaster') ?? flags?.includes('bus master')
  if (busMaster === undefined || (headerType === 1) !== (buses !== null)) return notCollected(path)
  const number = (index: number) => Number.parseInt(buses?.[index] ?? '0', 16)
  return known(
    {
      extent: listing.withheld ? 'header' : 'extended',
      headerType,
      busMaster,
      revision,
      ...(buses ? { bridge: { primaryBus: number(1), secondaryBus: number(2), subordinateBus: number(3) } } : {}),
      pcie: capability(listing, path, 'standard', 'Express', ({ offset, title }) => {
        const portType = portTypeOf(title)
        return portType && { offset, portType }
      }),
      msi: capability(listing, path, 'standard', 'MSI:', ({ offset, title, lines: below }) => {
        const enabled = flag(title, 'Enable')
        const vectors = /Count=\d{1,2}\/(\d{1,2})/.exec(title)
        const address = /^Address: ([0-9a-f]{1,16})/.exec(below.find((line) => line.startsWith('Address:')) ?? '')
        const data = numberBehind(below, 'Data: ', 16)
        if (enabled === undefined || !vectors || !address || data === undefined) return undefined
        return { offset, enabled, address: BigInt(`0x${address[1] ?? '0'}`), data, maximumVectors: Number(vectors[1]) }
      }),
      msix: capability(listing, path, 'standard', 'MSI-X:', ({ offset, title, lines: below }) => {
        const enabled = flag(title, 'Enable')
        const functionMasked = flag(title, 'Masked')
        const tableSize = numberBehind([title], 'Count=', 10)
        const table = below.filter((line) => line.startsWith('Vector table:'))
        const pending = below.filter((line) => line.startsWith('PBA:'))
        const [tableBar, tableOffset] = [numberBehind(table, 'BAR=', 10), numberBehind(table, 'offset=', 16)]
        const [pendingBar, pendingOffset] = [numberBehind(pending, 'BAR=', 10), numberBehind(pending, 'offset=', 16)]
        if (enabled === undefined || functionMasked === undefined || tableSize === undefined) return undefined
        if (tableBar === undefined || tableOffset === undefined) return undefined
        if (pendingBar === undefined || pendingOffset === undefined) return undefined
        return { offset, enabled, functionMasked, tableSize, tableBar, tableOffset, pendingBar, pendingOffset }
      }),
      enhancedAllocation: capability(listing, path, 'standard', 'Enhanced Allocation', ({ offset }) => ({ offset })),
      acs: capability(listing, path, 'extended', 'Access Control Services', ({ offset, lines: below }) => {
        const supported = bitsOf(below.find((line) => line.startsWith('ACSCap:')))
        const control = bitsOf(below.find((line) => line.startsWith('ACSCtl:')))
        return supported === undefined || control === undefined ? undefined : { offset, capability: supported, control }
      }),
      ari: capability(listing, path, 'extended', 'Alternative Routing-ID', ({ offset, lines: below }) => {
        const nextFunction = numberBehind(below, 'Next Function: ', 10)
        const control = below.find((line) => line.startsWith('ARICtl:'))
        if (nextFunction === undefined || control === undefined) return undefined
        const bits = (flag(control, 'MFVC') ? 1 : 0) | (flag(control, 'ACS') ? 2 : 0)
        return { offset, nextFunction, control: bits }
      }),
      ats: capability(listing, path, 'extended', 'Address Translation Service', ({ offset, lines: below }) => {
        const queueDepth = numberBehind(below, 'Invalidate Queue Depth: ', 16)
        const enabled = flag(
          below.find((line) => line.startsWith('ATSCtl:')),
          'Enable',
        )
        return queueDepth === undefined || enabled === undefined
          ? undefined
          : { offset, enabled, queueDepth: queueDepth || 32 }
      }),
      sriov: capability(listing, path, 'extended', 'Single Root I/O Virtualization', ({ offset, lines: below }) => {
        const vfEnabled = flag(
          below.find((line) => line.startsWith('IOVCtl:')),
          'Enable',
        )
        const numbers = [
          numberBehind(below, 'Initial VFs: ', 10),
          numberBehind(below, 'Total VFs: ', 10),
          numberBehind(below, 'Number of VFs: ', 10),
          numberBehind(below, 'VF offset: ', 10),
          numberBehind(below, 'stride: ', 10),
          numberBehind(below, 'Device ID: ', 16),
        ]
        const [initialVfs, totalVfs, numVfs, firstVfOffset, vfStride, vfDeviceId] = numbers
        if (vfEnabled === undefined || initialVfs === undefined || totalVfs === undefined) return undefined
        if (numVfs === undefined || firstVfOffset === undefined) return undefined
        if (vfStride === undefined || vfDeviceId === undefined) return undefined
        return { offset, vfEnabled, initialVfs, totalVfs, numVfs, firstVfOffset, vfStride, vfDeviceId }
      }),
      pri: capability(listing, path, 'extended', 'Page Request Interface', ({ offset, lines: below }) => {
        const enabled = flag(
          below.find((line) => line.startsWith('PRICtl:')),
          'Enable',
        )
        return enabled === undefined ? undefined : { offset, enabled }
      }),
      pasid: capability(listing, path, 'extended', 'Process Address Space ID', ({ offset, lines: below }) => {
        const enabled = flag(
          below.find((line) => line.startsWith('PASIDCtl:')),
          'Enable',
        )
        return enabled === undefined ? undefined : { offset, enabled }
      }),
    },
    { path },
  )
}
