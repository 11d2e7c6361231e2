import type { Fact } from '../../machine/fact.js'
import type { KernelView } from '../../kernel/context.js'
import type { Finding } from '../../rules/evaluate.js'
import { evidenceUnreadable } from '../../rules/devices/ir109-evidence-unreadable.js'
import type { FindingReport, NextPiece } from '../types.js'

function piece(what: string, command: string, tells: string): NextPiece {
  return { what, command, tells }
}

const FUNCTIONS = piece(
  'the PCI functions',
  'sudo lspci -nnvvvxxxx',
  'which devices there are, their drivers, groups, and whether ports separate them',
)
const LOG_X86 = piece(
  'the kernel log',
  "sudo dmesg | grep -iE 'linux version|command|dmar|amd-vi|remap'",
  'whether Linux remaps interrupts',
)
const LOG_ARM = piece(
  'the kernel log',
  "sudo dmesg | grep -iE 'linux version|command|gic|its|smmu|iort'",
  'which interrupt controller and IOMMU Linux brought up',
)
const LOG = piece('the kernel log', 'sudo dmesg', 'what checks interrupts on this machine, if anything')
const INTERRUPTS = piece(
  'the interrupts in use',
  'cat /proc/interrupts',
  'which controller the interrupts go through now',
)
const COMMAND_LINE = piece(
  'the kernel command line',
  'cat /proc/cmdline',
  'whether a word of it turns remapping, or a check of it, off',
)
const REGISTERS = piece(
  'the configuration space of the functions',
  'sudo lspci -nnvvvxxxx',
  'which of them can raise interrupts, send translated requests, and are kept apart by ports',
)
const TABLES = piece('the ACPI tables', 'sudo acpidump', 'which IOMMUs and interrupt controllers firmware describes')
const FIRMWARE = piece(
  'what firmware describes, tables or device tree',
  "sudo sh -c 'cat /sys/firmware/fdt > board.dtb; acpidump > tables.txt'",
  'which IOMMUs and interrupt controllers there are',
)
const TREE = piece(
  'the device tree',
  'sudo cat /sys/firmware/fdt > board.dtb',
  'which IOMMUs and interrupt controllers the tree describes',
)
const GROUPS = piece(
  'the IOMMU groups',
  'find /sys/kernel/iommu_groups -type l',
  'which devices can be assigned only together',
)
const XEN_LOG = piece('what Xen says', 'xl dmesg', 'whether Xen drives the IOMMU and remaps interrupts')
const CAPTURE = piece(
  'a capture',
  'sudo intremap capture -o machine.tar.gz',
  'everything that intremap reads, redacted',
)

/** What to do about evidence that was left out, in a sentence that names the piece that would tell most. */
export const askFor = (piece: NextPiece): string =>
  piece === CAPTURE
    ? `Take a capture on the machine itself, as root and outside of containers: \`${piece.command}\`.`
    : `Add ${piece.what} to the evidence (\`${piece.command}\`), or take a capture on the machine itself, as root and outside of containers.`

/** A finding that asks for what was left out: for that piece. */
export function askingFor(finding: FindingReport, { rule, item }: Finding, piece: NextPiece | 'none'): FindingReport {
  const asks = piece !== 'none' && rule === evidenceUnreadable && item.message === 'not-collected'
  return asks ? { ...finding, remedy: askFor(piece) } : finding
}

const isUntold = (fact: Fact<unknown>) => fact.state === 'unreadable' && fact.reason === 'not-collected'

/**
 * The single piece of evidence that would decide most for a machine of which only a part was given; `none` where nothing
 * was left out. Without functions there is nothing to judge; on x86 the log says whether interrupts are remapped, on Arm
 * firmware has to describe the way before a log or an interrupt can confirm it.
 */
export function nextPieceOf({ machine, hazards }: KernelView, isRemappedByLog: boolean): NextPiece | 'none' {
  const { functions, kernel, interrupts, acpi, deviceTree, groups, virtualization } = machine
  if (functions.state !== 'known') return isUntold(functions) ? FUNCTIONS : 'none'
  const architecture = kernel.architecture.state === 'known' ? kernel.architecture.value : undefined
  // Linux is shown nothing of what Xen does below its control domain.
  if (virtualization.controlDomain) return hazards.of(/^\(XEN\) /).length > 0 ? 'none' : XEN_LOG
  // There the platform or Hyper-V decides of interrupts: what can be told is whether an IOMMU stands before the function.
  if (virtualization.hypervisor === 'hyper-v') return isUntold(groups) ? GROUPS : 'none'
  if (architecture === 's390x') {
    if (isUntold(groups)) return GROUPS
    return isUntold(kernel.commandLine) ? COMMAND_LINE : CAPTURE
  }
  const isFirmwareUntold = isUntold(acpi.names) && isUntold(acpi.iort) && isUntold(deviceTree)
  if (architecture === 'arm64') {
    if (isUntold(deviceTree) && acpi.names.state === 'absent') return TREE
    if (isUntold(acpi.names) && deviceTree.state === 'absent') return TABLES
    // A machine has one of the two, and the kernel lists its tables.
    if (isFirmwareUntold) return hazards.of(/^ACPI: IORT /).length > 0 ? TABLES : FIRMWARE
    if (isUntold(kernel.log)) return LOG_ARM
  } else if (isUntold(kernel.log)) return architecture === 'x86_64' ? LOG_X86 : LOG
  if (architecture === 'x86_64' && isUntold(kernel.commandLine)) return COMMAND_LINE
  if (isUntold(interrupts.procInterrupts)) return INTERRUPTS
  if (isRemappedByLog && isUntold(groups)) return GROUPS
  if (isRemappedByLog && functions.value.some(({ configuration }) => isUntold(configuration))) return REGISTERS
  if (isFirmwareUntold || isUntold(acpi.dmar) || isUntold(acpi.ivrs)) return TABLES
  if (isUntold(groups)) return GROUPS
  return isUntold(machine.iommus) || isUntold(kernel.release) ? CAPTURE : 'none'
}
