import { describe, expect, it } from 'vitest'
import type { Machine } from '../../../src/machine/machine.js'
import { probeMachine } from '../../../src/probes/machine.js'
import type { Change } from '../../../src/sysroot/changed-sysroot.js'
import type { Sysroot } from '../../../src/sysroot/sysroot.js'
import { smallMachine } from './small-machine.js'

/** Facts by place: the value, `known` above values inside, or the state. */
function flattened(machine: Machine): ReadonlyMap<string, string> {
  const facts = new Map<string, string>()
  const walk = (value: unknown, place: string): void => {
    if (value instanceof Uint8Array) return
    if (typeof value !== 'object' || value === null) {
      facts.set(place, String(value))
    } else if ('state' in value && 'from' in value) {
      const inside = value.state === 'known' && 'value' in value ? value.value : undefined
      if (typeof inside === 'object' && inside !== null) {
        facts.set(place, 'known')
        walk(inside, place)
      } else {
        facts.set(place, value.state === 'known' ? `known ${String(inside)}` : String(value.state))
      }
    } else if (value instanceof Map) {
      for (const [key, held] of value) walk(held, `${place}[${String(key)}]`)
    } else if (value instanceof Set) {
      for (const member of value) facts.set(`${place}[${String(member)}]`, 'member')
    } else if (Array.isArray(value)) {
      const named: readonly object[] = value.every((one) => typeof one === 'object') ? value : []
      if (named.length === 0) for (const one of value) facts.set(`${place}[${String(one)}]`, 'member')
      for (const one of named) {
        const id = 'id' in one ? one.id : 'name' in one ? one.name : 'irq' in one ? one.irq : 'region'
        walk(one, `${place}[${String(id)}]`)
      }
    } else {
      for (const [key, held] of Object.entries(value)) walk(held, `${place}.${key}`)
    }
  }
  const { acpi: _acpi, deviceTree: _tree, origin: _origin, ...rest } = machine
  walk(rest, '')
  return facts
}

/** Every path that answered, by what was asked of it. */
function answeredReads(sysroot: Sysroot): readonly (readonly ['text' | 'bytes' | 'list' | 'link', string])[] {
  const reads = new Map<string, readonly ['text' | 'bytes' | 'list' | 'link', string]>()
  const note = <T extends { readonly state: string }>(
    kind: 'text' | 'bytes' | 'list' | 'link',
    path: string,
    read: T,
  ) => {
    if (read.state === 'known') reads.set(`${kind} ${path}`, [kind, path])
    return read
  }
  probeMachine({
    origin: sysroot.origin,
    budget: sysroot.budget,
    text: (path) => note('text', path, sysroot.text(path)),
    bytes: (path) => note('bytes', path, sysroot.bytes(path)),
    list: (path) => note('list', path, sysroot.list(path)),
    link: (path) => note('link', path, sysroot.link(path)),
  })
  return [...reads.values()]
}

/** 61 bytes that are no text, and a name that is none. */
const NOISE = Uint8Array.from({ length: 61 }, (_, index) => (index * 167 + 13) % 256)

function damageTo(sysroot: Sysroot, kind: 'text' | 'bytes' | 'list' | 'link', path: string): readonly Change[] {
  const failed: readonly Change[] = [{ kind: 'unreadable', reason: 'permission' }]
  if (kind === 'list') return [...failed, { kind: 'listing', names: 'io' }]
  if (kind === 'link') {
    const read = sysroot.link(path)
    const target = read.state === 'known' ? read.value : ''
    const cuts = [target.slice(0, -1), target.slice(0, (target.length >> 1) | 1), 'n0ise']
    return [...failed, ...cuts.map((cut): Change => ({ kind: 'link', target: cut }))]
  }
  const read = sysroot.bytes(path)
  const bytes = read.state === 'known' ? read.value : new Uint8Array()
  const cuts = [new Uint8Array(), bytes.subarray(0, -1), bytes.subarray(0, (bytes.length >> 1) | 1), NOISE]
  return [...failed, ...cuts.map((cut): Change => ({ kind: 'bytes', bytes: cut }))]
}

/** What may turn into another value: words for people, and an empty file whose format has an empty form. */
const ALLOWED = /^\.virtualization\.|^\.groups\[\w+\]\.reservedRegions/

describe('damage to one path', () => {
  const machine = smallMachine()
  const before = flattened(probeMachine(machine))
  const reads = answeredReads(machine)

  it(`of the ${reads.length} that were read turns facts unreadable, never into another value and never absent`, () => {
    expect(reads.length).toBeGreaterThan(70)
    const wrong: string[] = []
    let changes = 0
    let unreadable = 0
    for (const [kind, path] of reads) {
      for (const change of damageTo(machine, kind, path)) {
        changes += 1
        const after = flattened(probeMachine(machine.withChange(path, change)))
        for (const [place, fact] of after) {
          const was = before.get(place)
          if (fact === 'unreadable' && was !== 'unreadable') unreadable += 1
          if (fact === was || fact === 'unreadable' || was === undefined || ALLOWED.test(place)) continue
          wrong.push(`${path} ${change.kind}: ${place} was ${was}, is ${fact}`)
        }
      }
    }
    expect(wrong).toEqual([])
    expect(changes).toBeGreaterThan(300)
    expect(unreadable).toBeGreaterThan(changes / 2)
  })

  it('virtualization never turns from yes or unknown into no', () => {
    const guest = smallMachine({ 'sys/class/dmi/id/sys_vendor': 'QEMU\n' })
    expect(probeMachine(guest).virtualization).toMatchObject({ virtualized: 'yes', hypervisor: 'qemu' })
    for (const [kind, path] of answeredReads(guest)) {
      for (const change of [...damageTo(guest, kind, path), { kind: 'removed' } as const]) {
        expect([path, probeMachine(guest.withChange(path, change)).virtualization.virtualized]).not.toEqual([
          path,
          'no',
        ])
      }
    }
  })

  it('an entry that vanishes while it is read is left out, unless it is still listed', () => {
    const gone = machine.withChange('sys/devices/pci0000:00/0000:00:00.0', { kind: 'removed' })
    const names = (sysroot: Sysroot) => {
      const { functions } = probeMachine(sysroot)
      return functions.state === 'known' ? functions.value.map(({ name }) => name) : []
    }
    expect(names(gone)).toContain('0000:00:00.0')
    let listings = 0
    const unplugged: Sysroot = {
      origin: gone.origin,
      budget: gone.budget,
      text: (path) => gone.text(path),
      bytes: (path) => gone.bytes(path),
      link: (path) => gone.link(path),
      list: (path) => {
        const read = gone.list(path)
        if (path !== 'sys/bus/pci/devices' || read.state !== 'known') return read
        listings += 1
        return { state: 'known', value: listings === 1 ? read.value : read.value.slice(1) }
      },
    }
    expect(names(unplugged)).toEqual(['0000:00:01.0', '0000:01:00.0', '0000:01:10.0'])
    expect(listings).toBe(2)
  })
})
