import { beforeAll, describe, expect, test } from 'vitest'
import { recognise } from '../../../src/inputs/recognise.js'
import type { PciFunction } from '../../../src/machine/pci.js'
import { probeMachine } from '../../../src/probes/machine.js'
import type { Sysroot } from '../../../src/sysroot/sysroot.js'
import { lspciOfMachine } from '../../support/lspci-of-machine.js'
import { mangles, readText, valueOf, wrapped } from '../../support/mangled-texts.js'
import { hasLspci } from '../../support/outside.js'

const MACHINES = ['x86-intel-topo-612', 'arm-v3its-topo-acpi-612'] as const

function functionsOf(sysroot: Sysroot): readonly PciFunction[] {
  const { functions } = probeMachine(sysroot)
  return functions.state === 'known' ? functions.value : []
}

/** The capabilities that decide, each by its value or why there is none. */
function capabilitiesOf({ configuration }: PciFunction): Readonly<Record<string, unknown>> {
  if (configuration.state !== 'known') return {}
  const { pcie, acs, ats, ari, sriov, bridge } = configuration.value
  const facts = Object.entries({ pcie, acs, ats, ari, sriov }).map(([name, fact]) => [name, valueOf(fact)] as const)
  return { ...Object.fromEntries(facts), bridge }
}

/** What a whole listing tells; where it shows nothing of the extended space, lspci may have been unable to read it. */
function toldOf(fn: PciFunction): readonly unknown[] {
  const { pcie, bridge, ...extended } = capabilitiesOf(fn)
  const words = [fn.vendor, fn.device, fn.driver, fn.upstream].map(valueOf)
  // Of a function without a group lspci says nothing.
  words.push(fn.iommuGroup.state === 'known' ? fn.iommuGroup.value : 'none told')
  const isShown = Object.values(extended).some((value) => typeof value === 'object')
  return [fn.name, ...words, pcie, bridge, isShown ? extended : 'nothing extended']
}

describe.skipIf(!hasLspci).each(MACHINES)('lspci of %s (needs lspci)', (name) => {
  let [verbose, tree, named] = ['', '', '']
  let machine: readonly PciFunction[] = []
  beforeAll(async () => {
    const { sysroot, texts } = await lspciOfMachine(name, [['-Dnnvvv'], ['-t'], ['-tv']])
    machine = functionsOf(sysroot)
    ;[verbose = '', tree = '', named = ''] = texts
  })

  describe('-vvv without a dump', () => {
    test.each(mangles)('%s', (how, mangle) => {
      const bytes = mangle(verbose)
      expect(recognise(bytes).kind, how).toBe('text')
      const told = functionsOf(readText(bytes).sysroot)
      expect(told.length).toBeGreaterThan(8)
      expect(told.map(toldOf)).toEqual(machine.map(toldOf))
      expect(told.filter((fn) => typeof capabilitiesOf(fn)['acs'] === 'object').length).toBeGreaterThan(2)
    })

    test.each([80, 72, 60])(
      'broken at %i columns it tells of no capability, driver or way that is another',
      (columns) => {
        const whole = new Map(machine.map((fn) => [fn.name, fn]))
        for (const fn of functionsOf(readText(Buffer.from(wrapped(verbose, columns))).sysroot)) {
          const own = whole.get(fn.name)
          if (!own) throw new Error(`${fn.name} is not there`)
          for (const word of ['vendor', 'device', 'iommuGroup', 'driver', 'upstream'] as const) {
            if (fn[word].state === 'unreadable') continue
            expect(valueOf(fn[word]), `${fn.name} ${word}`).toEqual(valueOf(own[word]))
          }
          const expected = capabilitiesOf(own)
          for (const [word, value] of Object.entries(capabilitiesOf(fn)))
            if (value !== 'unreadable' && value !== undefined)
              expect(value, `${fn.name} ${word}`).toEqual(expected[word])
        }
      },
    )

    test('cut anywhere it tells of no function, group, driver, way or capability that is another', () => {
      const whole = new Map(machine.map((fn) => [fn.name, fn]))
      let known = 0
      for (let length = 1; length < verbose.length; length += 911) {
        for (const fn of functionsOf(readText(Buffer.from(verbose.slice(0, length))).sysroot)) {
          const own = whole.get(fn.name)
          if (!own) throw new Error(`${fn.name} is not there`)
          for (const word of ['vendor', 'device', 'iommuGroup', 'driver', 'upstream'] as const) {
            if (fn[word].state === 'unreadable') continue
            expect(valueOf(fn[word]), `${fn.name} ${word} at ${length}`).toEqual(valueOf(own[word]))
          }
          const expected = capabilitiesOf(own)
          for (const [word, value] of Object.entries(capabilitiesOf(fn))) {
            if (value === 'unreadable' || value === undefined) continue
            known++
            expect(value, `${fn.name} ${word} at ${length}`).toEqual(expected[word])
          }
        }
      }
      expect(known).toBeGreaterThan(100)
    })
  })

  describe.each([
    ['-t', () => tree],
    ['-tv', () => named],
  ])('%s', (_, text) => {
    test.each(mangles)('%s', (how, mangle) => {
      const bytes = mangle(text())
      expect(recognise(bytes).kind, how).toBe('text')
      const { found, sysroot } = readText(bytes)
      expect(found.map(({ kind, used }) => [kind, used])).toEqual([['lspci -t', machine.length]])
      expect(functionsOf(sysroot).map((fn) => [fn.name, valueOf(fn.upstream)])).toEqual(
        machine.map((fn) => [fn.name, valueOf(fn.upstream)]),
      )
    })

    test('cut anywhere it puts no function elsewhere', () => {
      const ways = new Map(machine.map((fn) => [fn.name, valueOf(fn.upstream)]))
      for (let length = 1; length < text().length; length += 13) {
        for (const { name: told, upstream } of functionsOf(readText(Buffer.from(text().slice(0, length))).sysroot)) {
          expect([...ways.keys()]).toContain(told)
          if (upstream.state === 'known') expect(upstream.value, `${told} at ${length}`).toEqual(ways.get(told))
        }
      }
    })
  })
})
