import { afterAll, describe, expect, test } from 'vitest'
import { dmaAliases, msiRequesterId } from '../../../src/kernel/pci/dma-alias.js'
import { parseRelease } from '../../../src/kernel/release.js'
import { requesterIdOf } from '../../../src/machine/identifiers.js'
import { QUESTIONS, RELEASES, TIMEOUT } from '../oracle.js'
import { comparePci, PCI_QUESTIONS, summary } from './pci-comparison.js'
import { pciOracle, type PciOracle } from './pci-oracle.js'

describe.skipIf(RELEASES.length === 0)('pci_for_each_dma_alias of drivers/pci/search.c, and get_msi_id_cb', () => {
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
      const result = comparePci(linux, parsed, PCI_QUESTIONS.aliases, (topology, { functions }) => {
        const indices = new Map(functions.map((fn, index) => [fn, index]))
        return (fn) => {
          const answer = dmaAliases(topology, fn)
          if (answer.kind === 'unknown') return { text: undefined, registers: answer.why === 'device-registers' }
          const msi = msiRequesterId(requesterIdOf(fn.address), answer.aliases)
          const aliases = answer.aliases.map((alias) => `${indices.get(alias.function) ?? '?'}:${alias.requesterId}`)
          return { text: [msi, ...aliases].join(' '), registers: false }
        }
      })
      console.log(summary('pci_for_each_dma_alias', release, result))
      expect(result.comparison.differences).toEqual([])
      expect(result.needlessDoubts.slice(0, 3)).toEqual([])
      expect(result.comparison.unknown).toBeLessThan(result.comparison.asked / 5)
    },
    TIMEOUT,
  )
})
