import { parsePciAddress, type PciAddress } from '../../machine/identifiers.js'
import { PCI_CLASS_CODES } from './pci-class-names.js'

/** What the first line of a function in the output of lspci tells; ids are lower-case hexadecimal digits. */
export interface FunctionLine {
  readonly address: PciAddress
  readonly classCode?: string
  readonly vendor?: string
  readonly device?: string
  readonly subsystemVendor?: string
  readonly subsystemDevice?: string
  /** Vendor and device in words, where both are named. */
  readonly name?: string
  /** Two digits; lspci leaves 00 out. */
  readonly revision: string
}

const ADDRESS = /^((?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7])(?: |$)/
const CODES = /^\[?([0-9a-f]{4})\]?: \[?([0-9a-f]{4}):([0-9a-f]{4})\]?(?: |$)/
const CLASS_IN_BRACKETS = / \[([0-9a-f]{4})\]: /
const CLASS_WITHOUT_COLON = /^([A-Z][^[\]:]{1,60} \[[0-9a-f]{4}\]) (?=\S)/
const REVISION = /\(rev ([0-9a-f]{2})\)/
const PAIR = /\[([0-9a-f]{4}):([0-9a-f]{4})\]/g
const CODE_IN_BRACKETS = /\[([0-9a-f]{4})\]$/

/** Characters of a name that are kept. */
const MOST_NAME = 200

/**
 * What lspci prints of vendor and device, without ids; undefined where it knows no name (`Device 1234:11e8`). With -nn a
 * device without a name is `Device [8086:10d3]`, which plain lspci writes `Device 10d3`.
 */
function nameInWords(words: string, device: string | undefined): string | undefined {
  const name = words.trim().slice(0, MOST_NAME)
  if (name === '' || /^(?:Device\b|Vendor [0-9a-f]{4} |[0-9a-f]{4}:[0-9a-f]{4}$|\[)/.test(name)) return undefined
  return name.endsWith(' Device') && device !== undefined ? `${name} ${device}` : name
}

/** The address that a line of lspci, or of a list made of such lines, begins with. */
export function leadingAddress(text: string): { readonly address: PciAddress; readonly rest: string } | undefined {
  const match = ADDRESS.exec(text)
  const address = match && parsePciAddress(match[1] ?? '')
  return address ? { address, rest: text.slice(match[0].length) } : undefined
}

/** Class code, six digits, of a name that lspci prints. */
function classOfName(name: string): string | undefined {
  const code = PCI_CLASS_CODES.get(name)
  return code === undefined ? undefined : `${code}00`
}

/** A field of `lspci -m` or `-vmm`: a name, a code, or a name with its code in brackets. */
export function codeOf(field: string): string | undefined {
  return CODE_IN_BRACKETS.exec(field)?.[1] ?? (/^[0-9a-f]{4}$/.test(field) ? field : undefined)
}

/** The class of such a field. */
export function classOf(field: string): string | undefined {
  const code = codeOf(field)
  return code === undefined ? classOfName(field) : `${code}00`
}

/** A field of `lspci -m` or `-vmm` without its code in brackets. */
const withoutCode = (field: string) => field.replace(/ \[[0-9a-f]{4}\]$/, '')

/** The name that such fields make together; undefined where one of them is only a code. */
export function nameOfFields(vendor: string, device: string): string | undefined {
  const [first, second] = [withoutCode(vendor), withoutCode(device)]
  const isCode = (field: string) => field === '' || /^\[?[0-9a-f]{4}\]?$/.test(field)
  return isCode(first) || isCode(second) ? undefined : nameInWords(`${first} ${second}`, codeOf(device))
}

/** The quoted words and options of `lspci -m`: `00:00.0 "Host bridge" "Intel" "X" -r07 "" ""`. */
function machineReadable(address: PciAddress, rest: string): FunctionLine | undefined {
  const quoted: string[] = []
  let revision = '00'
  for (let at = 0; at < rest.length;) {
    if (rest[at] === '"') {
      const end = rest.indexOf('"', at + 1)
      if (end < 0) break
      quoted.push(rest.slice(at + 1, end))
      at = end + 1
    } else {
      const blank = rest.indexOf(' ', at)
      const end = blank < 0 ? rest.length : blank
      const option = rest.slice(at, end)
      if (/^-r[0-9a-f]{2}$/.test(option)) revision = option.slice(2)
      at = end + 1
    }
  }
  const [className, vendor, device, subsystemVendor, subsystemDevice] = quoted
  if (className === undefined || device === undefined) return undefined
  return lineOf(address, revision, {
    classCode: classOf(className),
    vendor: codeOf(vendor ?? ''),
    device: codeOf(device),
    subsystemVendor: codeOf(subsystemVendor ?? ''),
    subsystemDevice: codeOf(subsystemDevice ?? ''),
    name: nameOfFields(vendor ?? '', device),
  })
}

function lineOf(
  address: PciAddress,
  revision: string,
  ids: {
    readonly classCode?: string | undefined
    readonly vendor?: string | undefined
    readonly device?: string | undefined
    readonly subsystemVendor?: string | undefined
    readonly subsystemDevice?: string | undefined
    readonly name?: string | undefined
  },
): FunctionLine {
  const known = Object.fromEntries(Object.entries(ids).filter(([, value]) => value !== undefined))
  return { address, revision, ...known }
}

/**
 * The first line of a function: of plain `lspci`, `-nn`, `-n`, `-m` and what scripts make of them (an id in brackets
 * before the address is passed over by the caller). Undefined for lines that are none.
 */
export function functionLine(text: string): FunctionLine | undefined {
  const start = leadingAddress(text)
  if (!start) return undefined
  const { address, rest } = start
  if (rest.startsWith('"')) return machineReadable(address, rest)
  const revision = REVISION.exec(rest)?.[1] ?? '00'
  const codes = CODES.exec(rest)
  if (codes) {
    const [, classCode = '', vendor = '', device = ''] = codes
    return lineOf(address, revision, { classCode: `${classCode}00`, vendor, device })
  }
  // Some programs that list groups leave the colon out behind the class.
  const bare = CLASS_WITHOUT_COLON.exec(rest.slice(0, 200))
  if (bare)
    return functionLine(`${text.slice(0, text.length - rest.length)}${bare[1] ?? ''}: ${rest.slice(bare[0].length)}`)
  const colon = rest.indexOf(': ')
  if (colon < 0) return rest.endsWith(':') ? lineOf(address, revision, {}) : undefined
  const inBrackets = CLASS_IN_BRACKETS.exec(rest.slice(0, 200))
  const name = rest.slice(0, colon)
  const pair = [...rest.slice(0, 1000).matchAll(PAIR)].at(-1)
  const ends = [pair?.index ?? -1, rest.indexOf(' (rev '), rest.indexOf(' (prog-if ')].filter((end) => end > colon)
  return lineOf(address, revision, {
    classCode: inBrackets ? `${inBrackets[1] ?? ''}00` : classOfName(name),
    vendor: pair?.[1],
    device: pair?.[2],
    name: nameInWords(rest.slice(colon + 2, Math.min(rest.length, ...ends)), pair?.[2]),
  })
}

/** What the first line tells, word by word. */
export function* wordsOf(
  line: FunctionLine,
): Generator<readonly ['classCode' | 'vendor' | 'device' | 'subsystemVendor' | 'subsystemDevice' | 'name', string]> {
  if (line.classCode !== undefined) yield ['classCode', line.classCode]
  if (line.vendor !== undefined) yield ['vendor', line.vendor]
  if (line.device !== undefined) yield ['device', line.device]
  if (line.subsystemVendor !== undefined) yield ['subsystemVendor', line.subsystemVendor]
  if (line.name !== undefined) yield ['name', line.name]
  if (line.subsystemDevice !== undefined) yield ['subsystemDevice', line.subsystemDevice]
}
