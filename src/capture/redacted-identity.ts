import { ofLines, type Redaction } from './redacted-text.js'

/** Beginnings of DMI names that only virtual machines have: the name is cut to them. */
const VIRTUAL =
  /^(?:(?:KVM|RHEV|oVirt|KubeVirt|OpenStack|Nutanix AHV|Alibaba Cloud ECS|Google Compute Engine|vServer|CVM)\b|QEMU|VMware|VMW|innotek GmbH|VirtualBox|HVM domU|Xen|[Bb][Hh][Yy][Vv][Ee]|Bochs|Parallels|Virtual Machine|Hyper-V|Apple Virtualization|Cloud Hypervisor|Amazon EC2)/
/** Makers of machines, as they call themselves. */
const MAKERS: ReadonlySet<string> = new Set([
  'ADLINK',
  'AMD Corporation',
  'ASRockRack',
  'ASUSTeK COMPUTER INC.',
  'Ampere(R)',
  'Apple Inc.',
  'Cisco Systems Inc',
  'Dell Inc.',
  'FUJITSU',
  'Fujitsu',
  'GIGABYTE',
  'Gigabyte Technology Co., Ltd.',
  'Google',
  'HP',
  'HPE',
  'Hewlett-Packard',
  'Huawei',
  'IBM',
  'Inspur',
  'Intel Corporation',
  'LENOVO',
  'Lenovo',
  'Microsoft Corporation',
  'NVIDIA',
  'Phytium',
  'QUALCOMM',
  'Quanta Cloud Technology Inc.',
  'Raspberry Pi',
  'Raspberry Pi Foundation',
  'SolidRun',
  'Socionext',
  'Supermicro',
  'To be filled by O.E.M.',
  'WIWYNN',
  'ZTE',
])

/** Models of the product lines of makers: a line, a number, a generation. Nothing that an owner writes there has that form. */
const MODEL =
  /^(?:Altra|Latitude|OptiPlex|PRIMERGY|PowerEdge|Precision|ProLiant|Super Server|ThinkPad|ThinkStation|ThinkSystem|UCSC|XPS)[ -][A-Z]{0,4}\d{1,5}[A-Za-z]{0,3}\d?(?:[ -][A-Z]{0,4}\d{1,5}[A-Za-z]{0,3}\d?)?(?: Gen\d{1,2}(?: Plus)?)?$/

/** Digits, dots and short words, as makers number what they ship: `2.10.2`, `U46 v2.80`, `edk2-stable202408-1`. */
export const firmwareVersion: Redaction = ofLines((lines) => {
  const [line, ...more] = lines
  if (line === undefined || line === '' || more.length > 0) return undefined
  return [/^(?:edk2-stable|v|[A-Z]\w{0,3}[ -]v?)?\d{1,6}(?:[.-]\w{1,6}){0,5}$/.test(line) ? line : 'redacted']
})

/**
 * A DMI name: the hypervisor's, a known maker's, or `redacted`. What tells bare metal from a guest stays: instance types
 * of Amazon that end with `.metal`.
 */
export const dmiName: Redaction = ofLines((lines) => {
  const [line, ...more] = lines
  if (line === undefined || line === '' || more.length > 0) return undefined
  const known = VIRTUAL.exec(line)?.[0] ?? (MAKERS.has(line) || MODEL.test(line) ? line : undefined)
  if (known !== undefined) return [known]
  return [/\.metal(?:-|$)/.test(line) ? 'redacted.metal' : 'redacted']
})

/** Lines of `/proc/cpuinfo` that tell architecture and hypervisor, with what is kept of their values. */
const CPU_KEYS: Readonly<Record<string, (value: string) => string>> = {
  'CPU implementer': (value) => (/^0x[0-9a-f]{2}$/.test(value) ? value : ''),
  Features: (value) => (/ ?\bthumb\b/.test(value) ? 'thumb' : ''),
  vendor_id: (value) => (['IBM/S390', 'GenuineIntel', 'AuthenticAMD', 'HygonGenuine'].includes(value) ? value : ''),
  flags: (value) => (value.split(' ').includes('hypervisor') ? 'hypervisor' : ''),
  isa: (value) => (/^rv(?:32|64)/.test(value) ? value.slice(0, 4) : ''),
  hart: () => '',
  'CPU Family': (value) => (value.startsWith('Loongson') ? 'Loongson' : ''),
  'system type': (value) => (value.includes('loongson') ? 'loongson' : ''),
  cpu: () => '',
  revision: () => '',
}
/** Where the architecture is looked for; every one tells it in its first block. */
const FIRST_LINES = 64

/** `/proc/cpuinfo`: one line of each kind that decides something. */
export const cpuinfo: Redaction = ofLines((lines) => {
  const kept = new Map<string, string>()
  for (const line of lines.slice(0, FIRST_LINES)) {
    const colon = line.indexOf(':')
    const key = line.slice(0, Math.max(colon, 0)).trim()
    const keep = Object.hasOwn(CPU_KEYS, key) ? CPU_KEYS[key] : undefined
    if (keep && !kept.has(key)) kept.set(key, `${key}\t: ${keep(line.slice(colon + 1).trim())}`)
  }
  return kept.size > 0 ? [...kept.values()] : ['redacted']
})
