import { readInterruptDescription } from '../machine/interrupt-description.js'
import { ofLines, type Redaction } from './redacted-text.js'

/** Names of irq chips are made by the kernel from its own words and the device's name. */
export const CHIP_NAME = /^[\w .:@/+(),<>-]{1,120}$/

/** Chip, hardware number and trigger; what follows are the names of those who asked for the interrupt. */
function keptDescription(description: string): string {
  const found = readInterruptDescription(description)
  // A number that nothing marks may stand in the name of a user, unless what stands before it is surely a chip's name.
  const isSure = found !== undefined && (found.triggered || /^\S+$|MSI$/.test(found.chip))
  // Without a hardware number the chip may be several words: only the first is surely its name.
  return isSure && CHIP_NAME.test(found.interrupt)
    ? found.interrupt
    : `${/^[\w.:@/+-]{1,40}(?= )/.exec(description)?.[0] ?? ''} -`
}

/**
 * `/proc/interrupts`: one counter, always 0, for each numbered interrupt, then its chip, hardware number and trigger.
 * The names of its users and the lines of the processors' own interrupts go.
 */
export const procInterrupts: Redaction = ofLines((lines) => {
  const [heading = '', ...rest] = lines
  const cpus = heading.trim().split(/\s+/)
  if (!cpus.every((cpu) => /^CPU\d+$/.test(cpu))) return undefined
  const kept = ['CPU0']
  const counter = /\s*\S+/y
  for (const line of rest) {
    const number = /^\s*(\d{1,9}):/.exec(line)
    if (!number) continue
    // Counters are stepped over one by one: a pattern for all of them would be tried in many ways.
    counter.lastIndex = number[0].length
    for (let cpu = 0; cpu < cpus.length; cpu += 1) if (!counter.test(line)) return undefined
    kept.push(`${number[1] ?? ''}: 0 ${keptDescription(line.slice(counter.lastIndex).trimStart())}`)
  }
  return kept
})

/**
 * `/sys/kernel/debug/irq/domains/NAME`: the chain of domains. x86 adds its vectors after it. A name can hold spaces, where
 * a kernel before 4.20 hid an address in it (`irqchip@        (ptrval)`).
 */
export const interruptDomain: Redaction = ofLines((lines) => {
  const end = lines.findIndex(
    (line) => !/^ *(?:name|size|mapped|flags|parent):[\w.,:@+()/ -]{0,140}$|^ +IRQ_DOMAIN_[A-Z_]+$/.test(line),
  )
  const chain = end < 0 ? lines : lines.slice(0, end)
  return chain.map((line) => line.replace(/^( *mapped:).*/, '$1 0'))
})

/** `/sys/kernel/debug/irq/irqs/N`: handler and names of the domains. */
export const interruptDomains: Redaction = ofLines((lines) => {
  const [handler = '', ...rest] = lines
  if (!handler.startsWith('handler:')) return undefined
  return ['handler:', ...rest.filter((line) => /^ *domain:[\w.,:@+()/ -]{1,140}$|^ *parent:\s*$/.test(line))]
})
