import { acsEnabled, acsPathEnabled, type AcsContext } from '../../../src/kernel/pci/acs.js'
import type { Answer } from '../../../src/machine/kinds.js'
import { readsAcsRegisters } from './acs-registers.js'
import { describePci, PCI_QUESTIONS, type Answering } from './pci-comparison.js'

const inWords = (answer: Answer) => (answer === 'yes' ? '1' : '0')

const answer: Answering = (topology, { hasIvrs }) => {
  const context: AcsContext = { hasIvrs: hasIvrs ? 'yes' : 'no' }
  return (fn, theirs) => {
    // The kernel never asks for a path that begins on a bus without a bridge.
    const [, path = '2'] = theirs.split(' ')
    const own = acsEnabled(topology, fn, context)
    const whole = path === '2' ? own : acsPathEnabled(topology, fn, context)
    const registers = readsAcsRegisters(topology, fn)
    // What is known of the two has to be right even where the other is not known.
    const wrong = [own, whole].some(
      (one, index) =>
        one !== 'unknown' && theirs.split(' ')[index] !== '2' && inWords(one) !== theirs.split(' ')[index],
    )
    if ((own === 'unknown' || whole === 'unknown') && !wrong) return { text: undefined, registers }
    return { text: `${inWords(own)} ${path === '2' ? '2' : inWords(whole)}`, registers }
  }
}

describePci('pci_acs_enabled and pci_acs_path_enabled of drivers/pci/pci.c', [
  { name: 'pci_acs_enabled', question: PCI_QUESTIONS.acs, answer, oneUnknownIn: 5 },
])
