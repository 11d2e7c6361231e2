import { known, unreadable, type Fact } from '../machine/fact.js'
import type { InterruptDomain } from '../machine/interrupts.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { damaged, parsed, readLines, readNames } from './attribute.js'

const DIRECTORY = 'sys/kernel/debug/irq'
/** Each nested block is indented by this much more. */
const INDENT = 4
const DEEPEST = 16

/**
 * Parses `irq/domains/NAME` (K: kernel/irq/irqdomain.c, irq_domain_debug_show_one): blocks of `name:`, ` size:`,
 * ` mapped:`, ` flags:`, and ` parent:` before the next, which is indented by 4. x86 adds a vector matrix after the
 * chain, so what stands no deeper than the first block ends it. Undefined for a block that is not whole.
 */
export function parseInterruptDomain(lines: readonly string[]): InterruptDomain | undefined {
  const chain: { name: string; flags: number }[] = []
  let at = 0
  for (let depth = 0; depth < DEEPEST; depth += 1) {
    const margin = ' '.repeat(depth * INDENT)
    const own = (key: string, pad: string) => {
      const prefix = `${margin}${pad}${key}:`
      const line = lines[at]
      if (!line?.startsWith(prefix)) return undefined
      at += 1
      return line.slice(prefix.length).trim()
    }
    const name = own('name', '')
    const size = own('size', ' ')
    const mapped = own('mapped', ' ')
    const flags = own('flags', ' ')
    if (name === undefined || name === '' || size === undefined || mapped === undefined || flags === undefined)
      return undefined
    if (!/^0x[0-9a-f]{8}$/.test(flags)) return undefined
    chain.push({ name, flags: Number.parseInt(flags, 16) })
    while (/^ +IRQ_DOMAIN_/.test(lines[at] ?? '')) at += 1
    const parent = own('parent', ' ')
    if (parent === undefined) {
      const [first, ...parents] = chain
      return first && { ...first, parents }
    }
    if (lines[at]?.trim() !== `name:   ${parent}`) return undefined
  }
  return undefined
}

/**
 * All domains of debugfs; root and CONFIG_GENERIC_IRQ_DEBUGFS only. `default` repeats one of them or is empty. One
 * damaged file makes all unreadable, since nobody can tell whose parent it was.
 */
export function probeInterruptDomains(sysroot: Sysroot): Fact<readonly InterruptDomain[]> {
  const names = readNames(sysroot, `${DIRECTORY}/domains`)
  if (names.state !== 'known') return names
  const domains: InterruptDomain[] = []
  for (const name of names.value) {
    if (name === 'default') continue
    const domain = parsed(readLines(sysroot, `${DIRECTORY}/domains`, name), parseInterruptDomain)
    if (domain.state === 'unreadable') return unreadable(domain.reason, ...domain.from)
    if (domain.state === 'absent') continue
    if (domain.value.name !== name) return damaged(domain)
    domains.push(domain.value)
  }
  return known(domains, ...names.from)
}

/**
 * Parses `irq/irqs/N` (K: kernel/irq/debugfs.c, irq_debug_show_data) for the names of its domains, the device's first.
 * The `flags:` in this file are the irq chips', not the domains', and tell nothing of isolation. Each `domain:` but the
 * first follows a ` parent:` at the margin of the one before.
 */
export function parseDomainChain(lines: readonly string[]): readonly string[] | undefined {
  if (!lines[0]?.startsWith('handler:')) return undefined
  const chain: string[] = []
  let awaited = true
  for (const line of lines) {
    const margin = ' '.repeat(chain.length * INDENT)
    if (awaited && line.startsWith(`${margin}domain:`)) {
      const name = line.slice(margin.length + 'domain:'.length).trim()
      if (name === '' || chain.length === DEEPEST) return undefined
      chain.push(name)
      awaited = false
    } else if (chain.length > 0 && line.trimEnd() === `${' '.repeat((chain.length - 1) * INDENT)} parent:`) {
      awaited = true
    }
  }
  return awaited ? undefined : chain
}

/** The chain of one interrupt. */
export function readDomainChain(sysroot: Sysroot, irq: number): Fact<readonly string[]> {
  return parsed(readLines(sysroot, `${DIRECTORY}/irqs`, String(irq)), parseDomainChain)
}
