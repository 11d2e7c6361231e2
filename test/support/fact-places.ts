import type { Fact } from '../../src/machine/fact.js'
import type { Machine } from '../../src/machine/machine.js'
import { isFact } from './plain-fact.js'

/** A place in a probed machine that holds a fact. */
export interface FactPlace {
  /** `functions.value[3].configuration.value.acs`. */
  readonly path: string
  readonly fact: Fact<unknown>
  /** The object or map that has it as its member `name`. */
  readonly holder: object
  readonly name: unknown
  /** Puts another fact there, runs, and puts the old one back. */
  with<T>(fact: Fact<unknown>, run: () => T): T
}

type Holder = Record<string, unknown>

function isObject(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
}

function swapped<T>(put: (value: unknown) => void, old: unknown, value: unknown, run: () => T): T {
  put(value)
  try {
    return run()
  } finally {
    put(old)
  }
}

/**
 * Every fact of a machine, found by its shape, so that no fact is forgotten when one is added. Nodes of the device tree
 * stand in several indexes but are one object; what is replaced is the fact in its holder, seen from everywhere.
 *
 * Left out: where a fact was read, and `phandle`, from which the tree's own indexes were made when it was read.
 */
export function factPlaces(machine: Machine): readonly FactPlace[] {
  const places: FactPlace[] = []
  const seen = new Set<object>()
  const waiting: [path: string, value: unknown][] = [['', machine]]
  const visit = (path: string, holder: object, name: unknown, value: unknown, put: (value: unknown) => void): void => {
    if (isFact(value) && !path.endsWith('phandle}')) {
      places.push({ path, fact: value, holder, name, with: (fact, run) => swapped(put, value, fact, run) })
    }
    waiting.push([path, value])
  }
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [path, value] = next
    if (!isObject(value) || seen.has(value)) continue
    seen.add(value)
    if (value instanceof Map) {
      const map: Map<unknown, unknown> = value
      for (const [key, entry] of map)
        visit(`${path}{${String(key)}}`, map, key, entry, (fact) => void map.set(key, fact))
      continue
    }
    for (const [key, entry] of Object.entries(value)) {
      if (key === 'from' || key === 'parent') continue
      const name = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
      visit(name, value, key, entry, (fact) => void (value[key] = fact))
    }
  }
  return places
}
