import { beforeAll, describe, expect, test } from 'vitest'
import { recognise } from '../../../src/inputs/recognise.js'
import type { PciFunction } from '../../../src/machine/pci.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { lspciOfMachine } from '../../support/lspci-of-machine.js'
import { mangles, readText, valueOf } from '../../support/mangled-texts.js'
import { hasLspci } from '../../support/outside.js'

const NAME = 'arm-v3its-topo-acpi-612'

function functionsOf(bytes: Uint8Array): readonly PciFunction[] {
  const { functions } = probeMachine(readText(bytes).sysroot)
  return functions.state === 'known' ? functions.value : []
}

/** What a function's configuration space tells, as far as it was dumped. */
function toldOf({ name, vendor, device, classCode, configuration }: PciFunction): readonly unknown[] {
  const space = configuration.state === 'known' ? configuration.value : undefined
  const words = [vendor, device, classCode].map(valueOf)
  return [name, ...words, space?.headerType, space?.extent, space && valueOf(space.msix), space && valueOf(space.acs)]
}

describe.skipIf(!hasLspci)('dumps of lspci (needs lspci)', () => {
  describe.each([['-nnx'], ['-nnxxx'], ['-nnxxxx']])('%s', (option) => {
    let dump = ''
    beforeAll(async () => {
      const { texts } = await lspciOfMachine(NAME, [[`-D${option.slice(1)}`]])
      dump = texts[0] ?? ''
    })

    test.each(mangles)('%s', (how, mangle) => {
      const bytes = mangle(dump)
      expect(recognise(bytes).kind, how).toBe('text')
      const plain = functionsOf(Buffer.from(dump)).map(toldOf)
      expect(plain.length).toBeGreaterThan(8)
      expect(functionsOf(bytes).map(toldOf)).toEqual(plain)
    })

    test('cut anywhere it tells of no space that is another', () => {
      const whole = new Map(functionsOf(Buffer.from(dump)).map((fn) => [fn.name, JSON.stringify(toldOf(fn))]))
      for (let at = 40; at < dump.length; at += Math.ceil(dump.length / 60)) {
        for (const fn of functionsOf(Buffer.from(dump.slice(0, at)))) {
          if (fn.configuration.state === 'known') expect(JSON.stringify(toldOf(fn)), `${at}`).toBe(whole.get(fn.name))
        }
      }
    })
  })
})
