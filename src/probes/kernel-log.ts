import type { Fact } from '../machine/fact.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { factOf } from './attribute.js'

const LOG = 'var/log/dmesg'
const MOST_LINES = 50_000
const LONGEST_LINE = 500
/** Level, time stamp and, with CONFIG_PRINTK_CALLER, the caller. */
const PREFIX = /^(?:<\d+>)?\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?/
/** Fragments of the lines that tell something (sysfs-procfs.md section 7), and of those that explain a machine. */
const EVIDENCE =
  /GIC|\bITS\b|\bLPIs?\b|\bMBI\b|arm-smmu|SMMU|IORT|VIOT|iommu|IOMMU|DMAR|AMD-Vi|IRQ remapping|interrupt remapping|Compatibility-format|injection|vfio|VFIO|\bMSIs? |msi-map|no regs\?|deferred probe timeout|stream \d+ already|Aliasing StreamID|Hypervisor detected|hypervisor|virt|started at EL2|kvm|pcie_acs_override/
const DAMAGED_LINE = /[\u0000-\u0008\u000b-\u001f\u007f\ufffd]/

/** Lines worth keeping, without level, time stamp and caller. Undefined when the text was cut. */
export function parseKernelLog(text: string): readonly string[] | undefined {
  if (!text.endsWith('\n')) return undefined
  const kept: string[] = []
  for (const line of text.slice(0, -1).split('\n', MOST_LINES)) {
    if (!EVIDENCE.test(line) || DAMAGED_LINE.test(line)) continue
    kept.push(line.replace(PREFIX, '').slice(0, LONGEST_LINE))
  }
  return kept
}

/** The kernel log. Its absence is a value: it rotates away, and needs a privilege. */
export function probeKernelLog(sysroot: Sysroot): Fact<readonly string[]> {
  const fact = factOf(sysroot.text(LOG), LOG, parseKernelLog)
  return fact.state === 'known' ? { ...fact, from: [{ path: LOG }] } : fact
}
