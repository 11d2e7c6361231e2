import { readInterruptDescription } from '../machine/interrupt-description.js'
import { unreadable, type Fact } from '../machine/fact.js'
import type { InterruptLine } from '../machine/interrupts.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { parsed, readLines, required } from './attribute.js'

const SPACE = 0x20

/** Skips one blank-separated word from `at`; -1 where none is left. */
function skipWord(line: string, at: number): number {
  let index = at
  while (line.charCodeAt(index) === SPACE) index += 1
  const start = index
  while (index < line.length && line.charCodeAt(index) !== SPACE) index += 1
  return index === start ? -1 : index
}

/** Numbered lines of `/proc/interrupts` without their counters, one counter for each CPU of the heading. */
export function parseProcInterrupts(lines: readonly string[]): readonly InterruptLine[] | undefined {
  const [heading = '', ...rest] = lines
  const cpus = heading.trim().split(/\s+/)
  if (!cpus.every((cpu) => /^CPU\d+$/.test(cpu))) return undefined
  const found: InterruptLine[] = []
  for (const line of rest) {
    const match = /^\s*(\d{1,9}):/.exec(line)
    if (!match) continue
    let at = match[0].length
    for (let cpu = 0; cpu < cpus.length; cpu += 1) {
      at = skipWord(line, at)
      if (at < 0) return undefined
    }
    found.push({ irq: Number(match[1]), description: line.slice(at).trimStart() })
  }
  return found
}

/** Reads `/proc/interrupts`: interrupts that have a handler. */
export function probeProcInterrupts(sysroot: Sysroot): Fact<readonly InterruptLine[]> {
  const lines = required(readLines(sysroot, 'proc', 'interrupts'))
  if (lines.state === 'known' && !sysroot.budget.take('interrupts', lines.value.length)) {
    return unreadable('too-large', ...lines.from)
  }
  return parsed(lines, parseProcInterrupts)
}

/**
 * The chip in a description. Chip names may hold blanks, so it is what stands before the hardware number, which the
 * trigger (` Edge`, ` Level`) or the flow handler (`-edge`) follows.
 */
export function chipInDescription(description: string): string | undefined {
  const found = readInterruptDescription(description)
  return found?.triggered === true ? found.chip : undefined
}
