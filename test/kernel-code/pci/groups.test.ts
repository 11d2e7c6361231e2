import { pciDeviceGroup } from '../../../src/kernel/iommu/iommu-group.js'
import { predictGroups, type GroupPrediction } from '../../../src/kernel/iommu/predict-groups.js'
import { quirkAliasesOf } from '../../../src/kernel/pci/quirks/quirk-aliases.js'
import type { AcsContext } from '../../../src/kernel/pci/acs.js'
import type { PciTopology } from '../../../src/kernel/pci/pci-topology.js'
import { readsAcsRegisters } from './acs-registers.js'
import { describePci, PCI_QUESTIONS, type Answering } from './pci-comparison.js'

/** Whether registers decide the aliases or the ACS of some function: then any group may hang on them. */
const registersDecide = (topology: PciTopology) =>
  topology.functions.some((fn) => readsAcsRegisters(topology, fn) || quirkAliasesOf(fn) === 'unknown')

const contextOf = (hasIvrs: boolean): AcsContext => ({ hasIvrs: hasIvrs ? 'yes' : 'no' })

const besideOthers: Answering = (topology, { functions, groups, hasIvrs }) => {
  const registers = registersDecide(topology)
  return (fn) => {
    const group = groups.get(fn.name)
    if (group !== undefined) return { text: group, registers }
    const choice = pciDeviceGroup(topology, fn, groups, contextOf(hasIvrs))
    if (choice.kind === 'unknown') return { text: undefined, registers }
    return { text: choice.kind === 'new' ? `new ${functions.indexOf(fn) + 1}` : choice.group, registers }
  }
}

function inWords(prediction: GroupPrediction | undefined, numberOf: ReadonlyMap<string, number>): string | undefined {
  switch (prediction?.kind) {
    case 'joins':
      return prediction.group
    case 'new':
      return `new ${Math.min(...prediction.members.map((name) => numberOf.get(name) ?? Infinity))}`
    case 'refused':
      return prediction.kind
    case 'unknown':
    case undefined:
      return undefined
  }
}

const inAddressOrder: Answering = (topology, { functions, groups, hasIvrs }) => {
  const registers = registersDecide(topology)
  const joining = functions.map((fn) => fn.name).filter((name) => !groups.has(name))
  const context = contextOf(hasIvrs)
  const predicted = predictGroups(topology, { groups, joining, streamsOf: () => 'none', context })
  // A new group is called by the first function in it, and groups are given in address order.
  const numberOf = new Map(functions.map((fn, index) => [fn.name, index + 1]))
  return (fn) => ({ text: groups.get(fn.name) ?? inWords(predicted.get(fn.name), numberOf), registers })
}

describePci('pci_device_group of drivers/iommu/iommu.c', [
  {
    name: 'pci_device_group',
    about: ', about a function beside others with groups',
    question: PCI_QUESTIONS.group,
    answer: besideOthers,
    oneUnknownIn: 4,
  },
  {
    name: 'pci_device_group in address order',
    about: ', about functions that join in address order',
    question: PCI_QUESTIONS.groupInTurn,
    answer: inAddressOrder,
    oneUnknownIn: 4,
  },
])
