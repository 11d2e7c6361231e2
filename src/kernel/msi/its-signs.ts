import type { ItsSigns, KernelView } from '../context.js'

const CAME_UP = /^ITS \[mem 0x0*([0-9a-f]{1,16})-/
const FAILED =
  /ITS@0x0*([0-9a-f]{1,16}): (?:No ITS detected|Unable to (?:map ITS registers|locate ITS domain|(?:allocate|register) GICv3 ITS domain token)|Failed to quiesce|failed probing)/
const TABLES = /^ITS@0x0*([0-9a-f]{1,16}): allocated \d+ Devices/
const NODE_IGNORED = /: (?:no msi-controller property, ITS ignored|no regs\?)/

/** The line of a log that reaches back to where the GICv3 comes up, and with it every ITS. */
export const GICV3_STARTS = /GICv3: \d+ SPIs implemented/

/** The name of an ITS in its lines: its register base in hexadecimal digits, without leading zeros. */
export const itsDigits = (base: bigint): string => base.toString(16)

/** What `pattern` takes out of lines, each once. */
function named(lines: readonly string[], pattern: RegExp): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => pattern.exec(line)?.[1] ?? []))
}

/** The last name of the path that a line begins with. */
function nodeNameIn(line: string): string {
  const path = line.slice(0, line.search(NODE_IGNORED))
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Some interrupt comes from a chip of this name. */
export function chipInUse({ machine }: KernelView, name: RegExp): boolean {
  for (const interrupt of machine.interrupts.byNumber.values()) {
    if (interrupt.chipName.state === 'known' && name.test(interrupt.chipName.value)) return true
  }
  return false
}

/**
 * What log and interrupts show of the ITSs, looked for once: a machine may have thousands of them, and a long log.
 * Source: K: drivers/irqchip/irq-gic-v3-its.c, `its_init`, `its_probe_one`, `its_alloc_tables`, `its_of_probe`.
 */
export function itsSigns(view: KernelView): ItsSigns {
  const { log, hazards } = view
  return {
    cameUp: named(log.of(CAME_UP), CAME_UP),
    withTables: named(log.of(TABLES), TABLES),
    failed: named(hazards.of(FAILED), FAILED),
    ignoredNodes: new Set(hazards.of(NODE_IGNORED).map(nodeNameIn)),
    noneAvailable: hazards.of(/^ITS: No ITS available/).length > 0,
    logReachesBack: log.of(GICV3_STARTS).length > 0,
    inUse: chipInUse(view, /^ITS-(?!v5-)/),
  }
}
