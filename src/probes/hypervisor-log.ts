import { valueOr, type Fact } from '../machine/fact.js'
import { hypervisorCalled, isRented } from './virtual-names.js'

/** K: arch/x86/kernel/cpu/hypervisor.c, init_hypervisor_platform; the names that x86_hyper_* have there. */
const DETECTED = /^Hypervisor detected: ([\w -]{1,40})/
const DETECTED_NAMES: Readonly<Record<string, string>> = {
  KVM: 'kvm',
  VMware: 'vmware',
  'Microsoft Hyper-V': 'hyper-v',
  'Xen HVM': 'xen',
  'Xen PV': 'xen',
}
/** K: drivers/firmware/dmi_scan.c, dmi_format_ids: vendor, product and board, then the firmware. */
const DMI_LINE = /^DMI: ([^\n]{1,200}), BIOS /

/** The vendor stands before the product in one line, so any word may begin the product's name. */
function hypervisorAmong(names: string): string | undefined {
  const words = names.split(' ')
  for (let at = 0; at < words.length; at++) {
    const found = hypervisorCalled(words.slice(at).join(' '))
    if (found !== undefined) return found
  }
  return isRented(names, names) ? 'kvm' : undefined
}

/** What shows in the kernel log that this is a guest; `hypervisor` is absent where it is none of those with a name here. */
export interface HypervisorInLog {
  readonly hypervisor: string | undefined
  readonly words: string
}

/**
 * What the kernel found as it started: the hypervisor itself, or the names that only virtual machines have. A log without
 * either shows nothing: hypervisors hide themselves.
 */
export function hypervisorInLog(log: Fact<readonly string[]>): HypervisorInLog | undefined {
  const lines = valueOr(log, [])
  const [detected] = lines.flatMap((line) => DETECTED.exec(line)?.[1]?.trim() ?? [])
  if (detected !== undefined)
    return { hypervisor: DETECTED_NAMES[detected], words: `the kernel log says Hypervisor detected: ${detected}` }
  for (const names of lines.flatMap((line) => DMI_LINE.exec(line)?.[1] ?? [])) {
    const hypervisor = hypervisorAmong(names)
    if (hypervisor !== undefined) return { hypervisor, words: `the kernel log names the machine ${names}` }
  }
  return undefined
}

/**
 * How the log shows that this is the control domain of Xen: by lines of Xen's own log, which it shows to no other, or by Xen
 * below and the names of a real machine. A guest of Xen has none (PV) or Xen's own (HVM). Undefined where it does not.
 *
 * @param lines what was read of it: the rest cannot take that back
 */
export function controlDomainInLog(lines: readonly string[]): string | undefined {
  if (lines.some((line) => line.startsWith('(XEN) '))) return 'the log of Xen is there'
  if (!lines.some((line) => /^Hypervisor detected: Xen\b/.test(line))) return undefined
  const names = lines.flatMap((line) => DMI_LINE.exec(line)?.[1] ?? [])
  const isVirtual = names.some((name) => hypervisorAmong(name) !== undefined)
  return isVirtual || names[0] === undefined
    ? undefined
    : `Xen runs below, and the kernel log names the machine ${names[0]}`
}
