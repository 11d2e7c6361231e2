import { afterAll, describe, expect, test } from 'vitest'
import { pciDeviceGroup } from '../../../src/kernel/iommu/iommu-group.js'
import { predictGroups, type GroupPrediction } from '../../../src/kernel/iommu/predict-groups.js'
import { quirkAliasesOf } from '../../../src/kernel/pci/quirks/quirk-aliases.js'
import type { AcsContext } from '../../../src/kernel/pci/acs.js'
import type { PciTopology } from '../../../src/kernel/pci/pci-topology.js'
import { parseRelease } from '../../../src/kernel/release.js'
import { QUESTIONS, RELEASES, TIMEOUT } from '../oracle.js'
import { readsAcsRegisters } from './acs-registers.js'
import { comparePci, PCI_QUESTIONS, summary, type PciComparison } from './pci-comparison.js'
import { pciOracle, type PciOracle } from './pci-oracle.js'

/** Whether registers decide the aliases or the ACS of some function: then any group may hang on them. */
const registersDecide = (topology: PciTopology) =>
  topology.functions.some((fn) => readsAcsRegisters(topology, fn) || quirkAliasesOf(fn) === 'unknown')

describe.skipIf(RELEASES.length === 0)('pci_device_group of drivers/iommu/iommu.c', () => {
  const oracles: PciOracle[] = []
  afterAll(() => {
    for (const { oracle } of oracles) oracle.remove()
  })

  const start = (release: string) => {
    const parsed = parseRelease(release)
    if (!parsed) throw new Error(release)
    const linux = pciOracle(release)
    oracles.push(linux)
    return { linux, parsed }
  }
  const contextOf = (hasIvrs: boolean): AcsContext => ({ hasIvrs: hasIvrs ? 'yes' : 'no' })
  const judge = (name: string, release: string, result: PciComparison) => {
    console.log(summary(name, release, result))
    expect(result.comparison.differences).toEqual([])
    expect(result.needlessDoubts.slice(0, 3)).toEqual([])
    expect(result.comparison.unknown).toBeLessThan(result.comparison.asked / 4)
  }

  test.each(RELEASES)(
    `Linux %s answers ${QUESTIONS} questions as we do, about a function beside others with groups`,
    (release) => {
      const { linux, parsed } = start(release)
      const result = comparePci(linux, parsed, PCI_QUESTIONS.group, (topology, { functions, groups, hasIvrs }) => {
        const registers = registersDecide(topology)
        return (fn) => {
          const group = groups.get(fn.name)
          if (group !== undefined) return { text: group, registers }
          const choice = pciDeviceGroup(topology, fn, groups, contextOf(hasIvrs))
          if (choice.kind === 'unknown') return { text: undefined, registers }
          return { text: choice.kind === 'new' ? `new ${functions.indexOf(fn) + 1}` : choice.group, registers }
        }
      })
      judge('pci_device_group', release, result)
    },
    TIMEOUT,
  )

  test.each(RELEASES)(
    `Linux %s answers ${QUESTIONS} questions as we do, about functions that join in address order`,
    (release) => {
      const { linux, parsed } = start(release)
      const result = comparePci(
        linux,
        parsed,
        PCI_QUESTIONS.groupInTurn,
        (topology, { functions, groups, hasIvrs }) => {
          const registers = registersDecide(topology)
          const joining = functions.map((fn) => fn.name).filter((name) => !groups.has(name))
          const context = contextOf(hasIvrs)
          const predicted = predictGroups(topology, { groups, joining, streamsOf: () => 'none', context })
          // A new group is called by the first function in it, and groups are given in address order.
          const numberOf = new Map(functions.map((fn, index) => [fn.name, index + 1]))
          return (fn) => {
            const group = groups.get(fn.name)
            return { text: group ?? inWords(predicted.get(fn.name), numberOf), registers }
          }
        },
      )
      judge('pci_device_group in address order', release, result)
    },
    TIMEOUT,
  )
})

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
