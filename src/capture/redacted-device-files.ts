import { attribute, ofLines, type Redaction } from './redacted-text.js'

/** A number as sysfs writes it, decimal or hexadecimal. */
export const number: Redaction = attribute(/^-?(?:0x)?[0-9a-f]{1,16}$/)
/** A value of a boolean or numeric module parameter. */
export const parameter: Redaction = attribute(/^(?:[YN]|\d{1,10})$/)
export const msiMode: Redaction = attribute(/^msix?$/)
export const domainType: Redaction = attribute(/^[A-Za-z-]{1,20}$/)
/** The word of `/sys/hypervisor/type` and of `/proc/sys/kernel/arch`. */
export const word: Redaction = attribute(/^[a-z0-9_]{1,20}$/)

/** The driver that alone may bind. */
export const driverName: Redaction = attribute(/^(?:\(null\)|[\w.-]{1,64})$/)
/** Names of ways to reset a function. */
export const resetMethods: Redaction = attribute(/^[a-z_ ]{0,100}$/)
/** What Xen says of the domain: only whether it is the control domain. */
export const xenCapabilities: Redaction = ofLines((lines) => [
  lines.some((line) => line.split(' ').includes('control_d')) ? 'control_d' : 'redacted',
])

/** Only the group that VFIO makes without an IOMMU is told by its name. */
export const groupName: Redaction = ofLines((lines) =>
  lines.length !== 1 || lines[0] === '' ? undefined : [lines[0] === 'vfio-noiommu' ? 'vfio-noiommu' : 'redacted'],
)

export const reservedRegions: Redaction = ofLines((lines) =>
  lines.every((line) => /^0x[0-9a-f]{16} 0x[0-9a-f]{16} [a-z-]{1,20}$/.test(line)) ? lines : undefined,
)

/** Variables of `uevent` that say again what links and attributes say, with the form of their values. */
const VARIABLES: ReadonlyMap<string, RegExp> = new Map([
  ['DRIVER', /^[\w .,:()+-]{1,64}$/],
  ['OF_FULLNAME', /^\/[\w,.+@/-]{0,1000}$/],
  ['PCI_CLASS', /^[0-9A-F]{1,6}$/],
  ['PCI_ID', /^[0-9A-F]{4}:[0-9A-F]{4}$/],
  ['PCI_SLOT_NAME', /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/],
  ['PCI_SUBSYS_ID', /^[0-9A-F]{4}:[0-9A-F]{4}$/],
])

/** A device's `uevent`. A value in another form is told to be there and no more; a line of another form is damage. */
export const uevent: Redaction = ofLines((lines) => {
  const kept: string[] = []
  for (const line of lines) {
    const equals = line.indexOf('=')
    if (equals <= 0) return undefined
    const name = line.slice(0, equals)
    const form = VARIABLES.get(name)
    if (form) kept.push(form.test(line.slice(equals + 1)) ? line : `${name}=`)
  }
  return kept
})

/** Lines of `lspci -v` of which the configuration space is read. What a device says of itself in words goes. */
const LSPCI_LINE =
  /^(?:Control|Status|Flags|Bus|Address|Vector table|PBA|ACSCap|ACSCtl|ARICap|ARICtl|ATSCap|ATSCtl|IOVCap|IOVCtl|Initial VFs|VF offset|PRICtl|PASIDCap|PASIDCtl):[\t ][\w ,:=+<>/()-]{1,200}$|^Whole: yes$|^Capabilities: <access denied>$/
const LSPCI_CAPABILITY =
  /^Capabilities: \[[0-9a-f]{2,3}(?: v\d{1,2})?\] (?:Express|MSI:|MSI-X:|Enhanced Allocation|Access Control Services|Alternative Routing-ID|Address Translation Service|Single Root I\/O Virtualization|Page Request Interface|Process Address Space ID)[\w ,:=+/()-]{0,200}$/
const LSPCI_OTHER = /^(Capabilities: \[[0-9a-f]{2,3}(?: v\d{1,2})?\] )/

const PCI_FUNCTION = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/

/** The functions that a listing of functions names as members of a group. */
export const groupMembers: Redaction = ofLines((lines) =>
  lines.every((line) => PCI_FUNCTION.test(line)) ? lines : undefined,
)

/** The text of one function as lspci prints it. */
export const lspciText: Redaction = ofLines((lines) => {
  const kept = lines.flatMap((line) => {
    if (LSPCI_LINE.test(line) || LSPCI_CAPABILITY.test(line)) return [line]
    const other = LSPCI_OTHER.exec(line)
    return other ? [`${other[1] ?? ''}redacted`] : []
  })
  return kept.length > 0 ? kept : ['redacted']
})
