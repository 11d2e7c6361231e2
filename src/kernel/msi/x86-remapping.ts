import type { Fact } from '../../machine/fact.js'
import type { Machine } from '../../machine/machine.js'
import { wordsThatSet, type KernelView } from '../context.js'
import { decided, undecided, type Decision } from '../decision.js'
import { chipsetWitnesses } from '../x86/chipset-errata.js'
import { logWitnesses, remappingByLog } from '../x86/remapping-log.js'
import { against, type RemappingObstacle, type RemappingWitness } from '../x86/remapping-witness.js'
import { tableWitnesses } from '../x86/table-witnesses.js'
import { xenWitnesses } from '../x86/xen-log.js'
import { intremapWords } from './intremap-words.js'

/** Chip names in `/proc/interrupts` that only remapping, and only its absence, brings (sysfs-procfs.md section 4). */
const REMAPPED_CHIP = /^\s*v?IR-(IO-APIC|PCI-MSI)/
const BYPASSING_CHIP = /^\s*IO-APIC\b/

function commandLine(machine: Machine): readonly RemappingWitness[] {
  const { offWord } = intremapWords(machine)
  // K: drivers/iommu/amd/init.c, parse_amd_iommu_options: what begins with it, and no word takes it back.
  const amdOff = wordsThatSet(machine, 'amd_iommu').find((word) => /[=,]off/.test(word))
  const from = machine.kernel.commandLine.from[0] ?? { path: 'proc/cmdline' }
  const off = (excerpt: string) => [against('command-line', { ...from, excerpt })]
  // Without IO-APICs nobody looks for units (K: arch/x86/kernel/apic/apic.c, enable_IR_x2apic).
  const [noapic] = wordsThatSet(machine, 'noapic')
  if (noapic !== undefined) return off(noapic)
  if (offWord !== undefined) return off(offWord)
  return amdOff !== undefined && machine.acpi.ivrs.state === 'known' ? off(amdOff) : []
}

/** Every unit has to have ECAP bit 3 (K: intel_prepare_irq_remapping). */
function units(machine: Machine): readonly RemappingWitness[] {
  if (machine.iommus.state !== 'known') return []
  return machine.iommus.value.flatMap((unit) =>
    unit.kind === 'vt-d' && unit.extendedCapability.state === 'known' && (unit.extendedCapability.value & 8n) === 0n
      ? [
          against(
            'unit-cannot-remap',
            unit.extendedCapability.from[0] ?? { path: `sys/class/iommu/${unit.name}`, excerpt: unit.name },
          ),
        ]
      : [],
  )
}

/**
 * Whether the kernel was built with remapping and with the driver of its unit. A file of another build is outdone by
 * what is in use, for no kernel remaps without them (K: drivers/iommu/irq_remapping.c, irq_remapping_prepare).
 */
function build({ kernel: { configuration }, acpi: { dmar, ivrs } }: Machine): readonly RemappingWitness[] {
  if (configuration.state !== 'known') return []
  const [from = { path: 'proc/config.gz' }] = configuration.from
  const lacking = (option: string, obstacle: RemappingObstacle) =>
    configuration.value.get(option) === 'n'
      ? [against(obstacle, { path: from.path, excerpt: `# ${option} is not set` })]
      : []
  return [
    ...lacking('CONFIG_IRQ_REMAP', 'not-built'),
    ...(dmar.state === 'known' ? lacking('CONFIG_INTEL_IOMMU', 'driver-not-built') : []),
    ...(ivrs.state === 'known' ? lacking('CONFIG_AMD_IOMMU', 'driver-not-built') : []),
  ]
}

function chips(machine: Machine): readonly RemappingWitness[] {
  const lines = machine.interrupts.procInterrupts
  if (lines.state !== 'known') return []
  const texts = lines.value.map((line) => line.description)
  const path = 'proc/interrupts'
  const remapped = texts.find((text) => REMAPPED_CHIP.test(text))
  const bypassing = texts.find((text) => BYPASSING_CHIP.test(text))
  return [
    ...(remapped === undefined ? [] : [{ says: 'on' as const, from: { path, excerpt: remapped } }]),
    ...(bypassing === undefined ? [] : [against('observed', { path, excerpt: bypassing })]),
  ]
}

/** Everything that speaks for or against interrupt remapping on a machine. */
export function remappingWitnesses(view: KernelView): readonly RemappingWitness[] {
  const { machine } = view
  const observed = [...logWitnesses(view), ...chips(machine)]
  return [
    ...(observed.some(({ says }) => says === 'on') ? [] : build(machine)),
    ...commandLine(machine),
    ...chipsetWitnesses(view),
    ...tableWitnesses(view),
    ...units(machine),
    ...xenWitnesses(view),
    ...observed,
  ]
}

/**
 * Whether interrupt remapping is on for the machine: one witness against it settles it, and without one for it the
 * answer is undecided. With `intel_iommu=off` remapping goes on, so missing units say nothing.
 */
export function interruptRemapping(view: KernelView): Decision<'on' | 'off'> {
  const { machine } = view
  const witnesses = remappingWitnesses(view)
  const off = witnesses.filter((witness) => witness.says === 'off')
  if (off.length > 0)
    return decided(
      'off',
      off.map((witness) => witness.from),
    )
  const { commandLine: words, log } = machine.kernel
  const { dmar, ivrs, madt } = machine.acpi
  const registers =
    machine.iommus.state === 'known'
      ? machine.iommus.value.filter((unit) => unit.kind === 'vt-d').map((unit) => unit.extendedCapability)
      : []
  const isSaidByKernel = remappingByLog(view) !== undefined
  /** The units, the tables and their IO-APICs: for those that nobody collected the kernel's own word does. */
  const isMissing = (fact: Fact<unknown>) =>
    fact.state === 'unreadable' && !(isSaidByKernel && fact.reason === 'not-collected')
  const unread = [
    ...[words, log, machine.interrupts.procInterrupts].filter((fact) => fact.state === 'unreadable'),
    ...[dmar, ivrs, machine.iommus].filter(isMissing),
    ...registers.filter((fact) => fact.state !== 'known'),
  ]
  const on = witnesses.map((witness) => witness.from)
  if (unread.length > 0) return undecided('unreadable', [...unread.flatMap((fact) => fact.from), ...on])
  // Which IO-APICs there are decides whether the tables turn remapping off.
  const described = dmar.state === 'known' || ivrs.state === 'known'
  if (described && (madt.state === 'absent' || isMissing(madt))) return undecided('unreadable', [...madt.from, ...on])
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
