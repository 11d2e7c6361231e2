import { dmaAliases, msiRequesterId } from '../../../src/kernel/pci/dma-alias.js'
import { requesterIdOf } from '../../../src/machine/identifiers.js'
import { describePci, PCI_QUESTIONS, type Answering } from './pci-comparison.js'

const answer: Answering = (topology, { functions }) => {
  const indices = new Map(functions.map((fn, index) => [fn, index]))
  return (fn) => {
    const found = dmaAliases(topology, fn)
    if (found.kind === 'unknown') return { text: undefined, registers: found.why === 'device-registers' }
    const msi = msiRequesterId(requesterIdOf(fn.address), found.aliases)
    const aliases = found.aliases.map((alias) => `${indices.get(alias.function) ?? '?'}:${alias.requesterId}`)
    return { text: [msi, ...aliases].join(' '), registers: false }
  }
}

describePci('pci_for_each_dma_alias of drivers/pci/search.c, and get_msi_id_cb', [
  { name: 'pci_for_each_dma_alias', question: PCI_QUESTIONS.aliases, answer, oneUnknownIn: 5 },
])
