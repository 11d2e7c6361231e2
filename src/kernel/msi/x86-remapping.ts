import type { Provenance } from '../../machine/fact.js'
import type { Machine } from '../../machine/machine.js'
import { commandLineValues, hazardLines, logLines, type KernelContext } from '../context.js'
import { decided, undecided, type Decision } from '../decision.js'
import { intremapWords } from './intremap-words.js'

/** What says that interrupt remapping is off; each is the kernel's own condition (K: drivers/iommu/irq_remapping.c). */
interface Witness {
  readonly says: 'on' | 'off'
  readonly from: Provenance
}

const LOG = 'var/log/dmesg'

/** Chip names in `/proc/interrupts` that only remapping, and only its absence, brings (sysfs-procfs.md section 4). */
const REMAPPED_CHIP = /^\s*v?IR-(IO-APIC|PCI-MSI)/
const BYPASSING_CHIP = /^\s*IO-APIC\b/

function commandLine(machine: Machine): Witness[] {
  const { off } = intremapWords(machine)
  // K: drivers/iommu/amd/init.c, parse_amd_iommu_options: what begins with it, and no word takes it back.
  const amdOff = commandLineValues(machine, 'amd_iommu').some((value) => /(?:^|,)off/.test(value))
  const from = machine.kernel.commandLine.from[0] ?? { path: 'proc/cmdline' }
  // Without IO-APICs nobody looks for units (K: arch/x86/kernel/apic/apic.c, enable_IR_x2apic).
  if (commandLineValues(machine, 'noapic').length > 0) return [{ says: 'off', from: { ...from, excerpt: 'noapic' } }]
  if (off) return [{ says: 'off', from: { ...from, excerpt: 'intremap=off' } }]
  return amdOff && machine.acpi.ivrs.state === 'known'
    ? [{ says: 'off', from: { ...from, excerpt: 'amd_iommu=off' } }]
    : []
}

function tables(machine: Machine): Witness[] {
  const { dmar, ivrs } = machine.acpi
  const witnesses: Witness[] = []
  if (dmar.state === 'absent' && ivrs.state === 'absent') {
    witnesses.push({ says: 'off', from: { path: 'sys/firmware/acpi/tables', excerpt: 'neither DMAR nor IVRS' } })
  }
  // DMAR flags bit 0, INTR_REMAP (K: dmar_ir_support).
  if (dmar.state === 'known' && (dmar.value.flags & 1) === 0) {
    witnesses.push({
      says: 'off',
      from: { path: 'sys/firmware/acpi/tables/DMAR', at: { offset: 37, length: 1 }, excerpt: 'INTR_REMAP 0' },
    })
  }
  return witnesses
}

/** Every unit has to have ECAP bit 3 (K: intel_prepare_irq_remapping). */
function units(machine: Machine): Witness[] {
  if (machine.iommus.state !== 'known') return []
  return machine.iommus.value.flatMap((unit) =>
    unit.kind === 'vt-d' && unit.extendedCapability.state === 'known' && (unit.extendedCapability.value & 8n) === 0n
      ? [{ says: 'off' as const, from: unit.extendedCapability.from[0] ?? { path: `sys/class/iommu/${unit.name}` } }]
      : [],
  )
}

/** Chipsets whose remapping is broken (K: arch/x86/kernel/early-quirks.c, intel_remapping_check). */
function chipset(context: KernelContext): Witness[] {
  const bridge = context.byName.get('0000:00:00.0')
  if (bridge?.vendor.state !== 'known' || bridge.device.state !== 'known' || bridge.revision.state !== 'known')
    return []
  if (bridge.vendor.value !== 0x8086) return []
  const id = bridge.device.value
  const revision = bridge.revision.value
  const broken = ([0x3403, 0x3405, 0x3406].includes(id) && revision <= 0x13) || (id === 0x3405 && revision === 0x22)
  return broken ? [{ says: 'off', from: { path: 'sys/bus/pci/devices/0000:00:00.0/revision' } }] : []
}

function observed(machine: Machine): Witness[] {
  const witnesses: Witness[] = []
  const say = (says: 'on' | 'off', path: string, lines: readonly string[]) => {
    const [excerpt] = lines
    if (excerpt !== undefined) witnesses.push({ says, from: { path, excerpt } })
  }
  say('on', LOG, logLines(machine, /DMAR-IR: Enabled IRQ remapping in|AMD-Vi: Interrupt remapping enabled/))
  say(
    'off',
    LOG,
    hazardLines(
      machine,
      /Not enabling interrupt remapping|DMAR-IR: Failed to enable irq remapping|AMD-Vi: Disabling interrupt remapping/,
    ),
  )
  const lines = machine.interrupts.procInterrupts
  if (lines.state === 'known') {
    const texts = lines.value.map((line) => line.description)
    say(
      'on',
      'proc/interrupts',
      texts.filter((text) => REMAPPED_CHIP.test(text)),
    )
    say(
      'off',
      'proc/interrupts',
      texts.filter((text) => BYPASSING_CHIP.test(text)),
    )
  }
  return witnesses
}

/**
 * Whether interrupt remapping is on for the machine: one witness against it settles it, and without one for it the
 * answer is undecided. With `intel_iommu=off` remapping goes on, so missing units say nothing.
 */
export function interruptRemapping(context: KernelContext): Decision<'on' | 'off'> {
  // One answer for the machine, asked for every function.
  const known = answers.get(context)
  if (known) return known
  const answer = decideRemapping(context)
  answers.set(context, answer)
  return answer
}

const answers = new WeakMap<KernelContext, Decision<'on' | 'off'>>()

function decideRemapping(context: KernelContext): Decision<'on' | 'off'> {
  const { machine } = context
  const witnesses = [
    ...commandLine(machine),
    ...tables(machine),
    ...units(machine),
    ...chipset(context),
    ...observed(machine),
  ]
  const off = witnesses.filter((witness) => witness.says === 'off')
  if (off.length > 0)
    return decided(
      'off',
      off.map((witness) => witness.from),
    )
  const { commandLine: words, log } = machine.kernel
  const { dmar, ivrs } = machine.acpi
  const registers =
    machine.iommus.state === 'known'
      ? machine.iommus.value.filter((unit) => unit.kind === 'vt-d').map((unit) => unit.extendedCapability)
      : []
  const unread = [
    ...[words, log, dmar, ivrs, machine.interrupts.procInterrupts, machine.iommus].filter(
      (fact) => fact.state === 'unreadable',
    ),
    ...registers.filter((fact) => fact.state !== 'known'),
  ]
  const on = witnesses.map((witness) => witness.from)
  if (unread.length > 0) return undecided('unreadable', [...unread.flatMap((fact) => fact.from), ...on])
  if (machine.interrupts.procInterrupts.state === 'absent')
    return undecided('unreadable', machine.interrupts.procInterrupts.from)
  return on.length > 0 ? decided('on', on) : undecided('unreadable', [{ path: 'proc/interrupts' }])
}

/**
 * What the interrupts in use say of remapping, which needs no privilege: a remapped chip shows that it is on, wired
 * interrupts that bypass it that it is off. Undefined where neither is there.
 */
export function remappingInUse(machine: Machine): 'on' | 'off' | undefined {
  const lines = machine.interrupts.procInterrupts
  if (lines.state !== 'known') return undefined
  const texts = lines.value.map((line) => line.description)
  if (texts.some((text) => REMAPPED_CHIP.test(text))) return 'on'
  return texts.some((text) => BYPASSING_CHIP.test(text)) ? 'off' : undefined
}
