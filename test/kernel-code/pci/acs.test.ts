import { afterAll, describe, expect, test } from 'vitest'
import { acsEnabled, acsPathEnabled, type AcsContext } from '../../../src/kernel/pci/acs.js'
import { parseRelease } from '../../../src/kernel/release.js'
import type { Answer } from '../../../src/machine/kinds.js'
import { QUESTIONS, RELEASES, TIMEOUT } from '../oracle.js'
import { comparePci, PCI_QUESTIONS, summary } from './pci-comparison.js'
import { pciOracle, type PciOracle } from './pci-oracle.js'
import { readsAcsRegisters } from './acs-registers.js'

const inWords = (answer: Answer) => (answer === 'yes' ? '1' : '0')

describe.skipIf(RELEASES.length === 0)('pci_acs_enabled and pci_acs_path_enabled of drivers/pci/pci.c', () => {
  const oracles: PciOracle[] = []
  afterAll(() => {
    for (const { oracle } of oracles) oracle.remove()
  })

  test.each(RELEASES)(
    `Linux %s answers ${QUESTIONS} questions as we do`,
    (release) => {
      const parsed = parseRelease(release)
      if (!parsed) throw new Error(release)
      const linux = pciOracle(release)
      oracles.push(linux)
      const result = comparePci(linux, parsed, PCI_QUESTIONS.acs, (topology, { hasIvrs }) => {
        const context: AcsContext = { hasIvrs: hasIvrs ? 'yes' : 'no' }
        return (fn, theirs) => {
          // The kernel never asks for a path that begins on a bus without a bridge.
          const [, path = '2'] = theirs.split(' ')
          const own = acsEnabled(topology, fn, context)
          const whole = path === '2' ? own : acsPathEnabled(topology, fn, context)
          const registers = readsAcsRegisters(topology, fn)
          // What is known of the two has to be right even where the other is not known.
          const wrong = [own, whole].some(
            (answer, index) =>
              answer !== 'unknown' && theirs.split(' ')[index] !== '2' && inWords(answer) !== theirs.split(' ')[index],
          )
          if ((own === 'unknown' || whole === 'unknown') && !wrong) return { text: undefined, registers }
          return { text: `${inWords(own)} ${path === '2' ? '2' : inWords(whole)}`, registers }
        }
      })
      console.log(summary('pci_acs_enabled', release, result))
      expect(result.comparison.differences).toEqual([])
      expect(result.needlessDoubts.slice(0, 3)).toEqual([])
      expect(result.comparison.unknown).toBeLessThan(result.comparison.asked / 5)
    },
    TIMEOUT,
  )
})
