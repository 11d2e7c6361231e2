import { unreadable } from '../sysroot/failure.js'
import { MemorySysroot, MemoryTree } from '../sysroot/memory-sysroot.js'
import type { Read } from '../sysroot/sysroot.js'
import type { Origin } from '../sysroot/types.js'
import type { Place } from './texts/told.js'
import type { ToldMachine } from './texts/told-machine.js'
import { toldTree } from './texts/told-tree.js'

const FUNCTION_ENTRY = /^sys\/bus\/pci\/devices\/[^/]{1,40}$/

/** A machine of which nothing is known but what texts tell: all else was not collected. */
export class ToldSysroot extends MemorySysroot {
  /** The way to a function that no text tells is unknown; its directory is there all the same. */
  override link(path: string): Read<string> {
    const read = super.link(path)
    const isUntold = read.state === 'unreadable' && read.reason === 'malformed' && FUNCTION_ENTRY.test(path)
    return isUntold ? unreadable('not-collected') : read
  }
}

/** Finds the place of a line that was read of a file made of many: the one that holds what was read there. */
function lineOf(lines: readonly string[], excerpt: string | undefined): number | undefined {
  if (excerpt === undefined || excerpt === '') return undefined
  const found = lines.findIndex((line) => line.includes(excerpt))
  return found < 0 ? undefined : found
}

/** Where texts told what stands at a path. */
export function placesOf(
  machine: ToldMachine,
  places: ReadonlyMap<string, Place>,
): (path: string, excerpt?: string) => Place | undefined {
  const table = machine.files.get('proc/interrupts')
  const interrupts =
    table === undefined || table === 'contradicted' || typeof table.content !== 'string'
      ? []
      : table.content.split('\n')
  return (path, excerpt) => {
    const place = places.get(path)
    if (path === 'var/log/dmesg') {
      for (const log of machine.logs) {
        const at = lineOf(log.lines, excerpt)
        if (at !== undefined) return log.places[at]
      }
    }
    if (path === 'proc/interrupts' && place) {
      const at = lineOf(interrupts, excerpt)
      return at === undefined ? place : { file: place.file, line: place.line + at }
    }
    return place
  }
}

/** The machine that texts tell of, and where they tell each thing. */
export function openTold(machine: ToldMachine, origin: Origin): ToldSysroot {
  const { entries, places } = toldTree(machine)
  const told = { ...origin, placeOf: placesOf(machine, places), names: machine.names() }
  return new ToldSysroot(told, new MemoryTree(entries, 'not-collected'))
}
