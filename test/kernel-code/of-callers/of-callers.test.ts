import { afterAll, describe, expect, test } from 'vitest'
import { ofPciIommu, ofPlatformIommu, type OfIommu } from '../../../src/kernel/devicetree/of-iommu.js'
import { msiParentsOf } from '../../../src/kernel/devicetree/of-msi-parent.js'
import { ofMsiDeviceId, ofMsiXlate } from '../../../src/kernel/devicetree/of-msi.js'
import type { KernelRelease } from '../../../src/kernel/release.js'
import type { DeviceTreeNode } from '../../../src/machine/devicetree.js'
import { cutBetween, cutFunction, cutFunctionIfThere } from '../cut.js'
import { Draw } from '../draw.js'
import { Comparison, kernelFile, Oracle, QUESTIONS, releaseOf, RELEASES, SEED, TIMEOUT, withStubs } from '../oracle.js'
import { drawTree, type DrawnTree, type TreeQuestion } from './draw-tree.js'

function oracleOf(release: string): Oracle {
  const base = kernelFile(release, 'drivers/of/base.c')
  const header = kernelFile(release, 'include/linux/of.h')
  const irq = kernelFile(release, 'drivers/of/irq.c')
  const iommu = kernelFile(release, 'drivers/iommu/of_iommu.c')
  const xlate = irq.includes('of_msi_xlate')
  const parts = [
    cutBetween(header, 'struct of_phandle_iterator {', '\n};') + '\n};',
    ...['of_phandle_iterator_init', 'of_phandle_iterator_next', 'of_phandle_iterator_args'].map((name) =>
      cutFunction(base, name),
    ),
    cutBetween(header, '#define of_for_each_phandle', '\n\n'),
    cutFunction(base, '__of_parse_phandle_with_args'),
    cutFunction(header, 'of_parse_phandle_with_args'),
    cutFunctionIfThere(header, 'of_parse_phandle_with_optional_args'),
    cutFunctionIfThere(base, 'of_check_bad_map'),
    ...['of_map_id'].map((name) => cutFunction(base, name)),
    ...['of_map_iommu_id', 'of_map_msi_id'].map((name) => cutFunctionIfThere(base, name)),
    ...(xlate
      ? ['#define OF_MSI_XLATE', cutFunction(irq, 'of_check_msi_parent'), cutFunction(irq, 'of_msi_xlate')]
      : [cutFunction(irq, '__of_msi_map_id'), cutFunction(irq, 'of_msi_map_id')]),
    cutFunction(irq, 'of_msi_map_get_device_domain'),
    cutFunction(irq, 'of_msi_get_domain'),
    ...['of_iommu_xlate', 'of_iommu_configure_dev_id', 'of_iommu_configure_dev'].map((name) =>
      cutFunction(iommu, name),
    ),
    cutBetween(iommu, 'struct of_pci_iommu_alias_info {', 'static int of_pci_iommu_init'),
    cutFunction(iommu, 'of_pci_iommu_init'),
  ]
  return new Oracle(withStubs('of-callers/stubs.c', parts.join('\n')))
}

const phandleOf = (drawn: DrawnTree, node: DeviceTreeNode) =>
  [...drawn.byPhandle].find(([, named]) => named.path === node.path)?.[0] ?? 0

/** Controller of the walk up, and the id at a controller that was chosen; undefined where we do not know. */
function msiAnswer(drawn: DrawnTree, question: TreeQuestion, release: KernelRelease): string | undefined {
  const { tree, chain } = drawn
  const found = ofMsiXlate(tree, chain, question.id, release)
  const wanted = drawn.byPhandle.get(question.wanted)
  if (!wanted) throw new Error('nothing wanted')
  const deviceId = ofMsiDeviceId(tree, chain, question.id, release, wanted)
  if (found.kind === 'unreadable' || deviceId.kind === 'unreadable') return undefined
  return `${found.kind === 'mapped' ? phandleOf(drawn, found.controller) : 0} ${deviceId.id}`
}

function iommuAnswer(drawn: DrawnTree, answer: OfIommu): string | undefined {
  if (answer.kind === 'unreadable') return undefined
  if (answer.kind === 'none') return answer.why === 'several-iommus' ? answer.why : 'none'
  // An IOMMU of no cells is given no id.
  const ids = answer.streams.map(({ streamId, specifier }) => (specifier.length > 0 ? streamId : '-'))
  return [phandleOf(drawn, answer.target), ...ids].join(' ')
}

/**
 * IOMMUs of one driver in front of one function: Linux compares drivers and not units, keeps the first unit and gives it
 * the ids of the others. Nothing translates those, so that ours is none.
 */
const SEVERAL = 'several IOMMUs'

function count(comparison: Comparison, ours: string | undefined, theirs: string, example: () => unknown): void {
  if (ours === undefined) comparison.unknown++
  else if (ours === theirs) comparison.equal++
  else if (ours === 'several-iommus' && theirs.startsWith('several')) comparison.named(SEVERAL)
  else
    comparison.differs(`${ours.replaceAll(/\d+/g, 'N')} where the kernel says ${theirs.replaceAll(/\d+/g, 'N')}`, () =>
      JSON.stringify({ ours, theirs, ...Object(example()) }),
    )
}

describe.skipIf(RELEASES.length === 0)('callers of of_map_id in drivers/of/irq.c and drivers/iommu/of_iommu.c', () => {
  const oracles: Oracle[] = []
  afterAll(() => {
    for (const oracle of oracles) oracle.remove()
  })

  test.each(RELEASES)(
    `Linux %s answers ${QUESTIONS} questions to each as we do`,
    (name) => {
      const oracle = oracleOf(name)
      oracles.push(oracle)
      const release = releaseOf(name)
      const draw = new Draw(SEED)
      const comparisons = {
        'of_msi_map_get_device_domain and of_msi_map_id': new Comparison(),
        of_pci_iommu_init: new Comparison(),
        of_msi_get_domain: new Comparison(),
        of_iommu_configure_dev: new Comparison(),
      }
      while (comparisons.of_msi_get_domain.asked < QUESTIONS) {
        const trees = Array.from({ length: 2000 }, () => drawTree(draw))
        const lines = oracle.ask(Buffer.concat(trees.map(({ encoded }) => encoded)))
        let at = 0
        const next = () => lines[at++] ?? ''
        for (const drawn of trees) {
          const { tree, hostBridge, questions } = drawn
          for (const question of questions) {
            const example = () => ({ question, tree: drawn.text })
            count(
              comparisons['of_msi_map_get_device_domain and of_msi_map_id'],
              msiAnswer(drawn, question, release),
              next(),
              example,
            )
            const iommu = ofPciIommu(tree, hostBridge, question.aliases, release)
            count(comparisons.of_pci_iommu_init, iommuAnswer(drawn, iommu), next(), example)
          }
          for (const device of drawn.devices) {
            const example = () => ({ device: device.name, tree: drawn.text })
            const parents = msiParentsOf(tree, device, release)
            const serving = parents.parents.find(({ node }) => drawn.serving.has(node))
            const parent = serving ? phandleOf(drawn, serving.node) : 0
            const known = serving !== undefined || parents.end !== 'unreadable'
            count(comparisons.of_msi_get_domain, known ? String(parent) : undefined, next(), example)
            const platform = iommuAnswer(drawn, ofPlatformIommu(tree, device))
            count(comparisons.of_iommu_configure_dev, platform, next(), example)
          }
        }
      }
      for (const [functions, comparison] of Object.entries(comparisons))
        console.log(`${functions} ${name}: ${comparison.summary}`)
      for (const comparison of Object.values(comparisons)) {
        expect(comparison.differences).toEqual([])
        expect(comparison.unknown).toBeLessThan(comparison.asked / 10)
      }
    },
    TIMEOUT,
  )
})
