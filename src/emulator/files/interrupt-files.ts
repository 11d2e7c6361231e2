import type { MachinePlan, WiredInterrupt } from '../plan/planned-machine.js'
import { atLeast } from '../plan/release.js'
import type { SysfsBuilder } from '../sysfs-builder.js'

function shownInterrupts(plan: MachinePlan): readonly WiredInterrupt[] {
  const handler = plan.description.architecture === 'x86_64' ? 'edge' : ''
  const messages = plan.functions.flatMap(({ vectors }) =>
    vectors.map(({ irq, chipName, hwirq, action }): WiredInterrupt => {
      return { irq, chipName, hwirq, type: 'edge', handler, action }
    }),
  )
  return [...plan.wiredInterrupts, ...messages].sort((left, right) => left.irq - right.irq)
}

/** `/sys/kernel/irq/N` and `/proc/interrupts`. Counters are zero: they are no evidence. */
export function writeInterruptFiles(plan: MachinePlan, builder: SysfsBuilder): void {
  const cpus = plan.description.cpus ?? 2
  const interrupts = shownInterrupts(plan)
  builder.directory('sys/kernel/irq')
  for (const { irq, chipName, hwirq, type, handler, action } of interrupts) {
    builder.attributes(`sys/kernel/irq/${irq}`, {
      chip_name: chipName,
      hwirq,
      type,
      actions: action,
      per_cpu_count: Array.from({ length: cpus }, () => 0).join(','),
      wakeup: 'disabled',
    })
    builder.file(`sys/kernel/irq/${irq}/name`, handler === '' ? '' : `${handler}\n`)
  }
  builder.file('proc/interrupts', interruptTable(plan, interrupts, cpus))
}

/**
 * The text of `/proc/interrupts`. Up to 6.x a chip's name has at least eight columns, aligned right; 7.2 gives all of
 * them the width of the longest, aligned left. x86 has no column for level or edge. Seen on 6.1, 6.12 and 7.2.
 */
function interruptTable(plan: MachinePlan, interrupts: readonly WiredInterrupt[], cpus: number): string {
  const { architecture, kernel } = plan.description
  const wide = atLeast(kernel.release, 7, 0)
  const digits = Math.max(3, String(interrupts.at(-1)?.irq ?? 0).length) + (wide ? 1 : 0)
  const longest = interrupts.reduce((most, { chipName }) => Math.max(most, chipName.length), 0)
  const showsLevel = architecture !== 'x86_64' && architecture !== 's390x'
  const header = `${' '.repeat(digits + 8)}${Array.from({ length: cpus }, (_, cpu) => `CPU${cpu}`.padEnd(11)).join('')}\n`
  const counts = `${'0'.padStart(10)} `.repeat(cpus)
  const lines = interrupts.map(({ irq, chipName, hwirq, type, handler, action }) => {
    const number = String(hwirq).padStart(wide ? 4 : 3)
    // The GICv2 driver prints its name itself, without the space and the padding of the others.
    const padded = wide ? ` ${chipName.padEnd(longest)}` : ` ${chipName.padStart(8)}`
    const chip = chipName === 'GIC-0' ? `${wide ? ' ' : ''}${chipName}` : padded
    const level = showsLevel ? ` ${type === 'level' ? 'Level   ' : 'Edge    '}` : ''
    const flow = handler === '' ? '' : `-${handler.padEnd(8)}`
    return `${String(irq).padStart(digits)}: ${counts}${chip} ${number}${level}${flow}  ${action}\n`
  })
  const trailer = architecture === 'x86_64' ? 'ERR:          0\n' : architecture === 'arm64' ? 'Err:          0\n' : ''
  return header + lines.join('') + trailer
}
