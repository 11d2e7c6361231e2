import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../src/kernel/build-context.js'
import {
  contradictedNode,
  interfacePresence,
  noIommuMode,
  unsafeOverride,
  type AssignmentInterface,
} from '../../../src/kernel/interfaces.js'
import { absent, known, unreadable, type Fact } from '../../../src/machine/fact.js'
import type { KernelFacts } from '../../../src/machine/kernel.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { arm, sysrootOf } from '../rules/metal.js'

const BASE = probeMachine(sysrootOf({ machine: arm() }))
const CLOSED = unreadable('permission')
const under = (kernel: Partial<KernelFacts>) => contextOf({ ...BASE, kernel: { ...BASE.kernel, ...kernel } })

const NODES: Readonly<Record<AssignmentInterface, string>> = { vfioType1: 'dev/vfio/vfio', iommufd: 'dev/iommu' }
const OPTIONS: Readonly<Record<AssignmentInterface, string>> = { vfioType1: 'CONFIG_VFIO', iommufd: 'CONFIG_IOMMUFD' }

/** kernel-decision.md section 2: a kernel without the node has no such answer; iommufd came with 6.2. */
describe.each(['vfioType1', 'iommufd'] as const)('%s', (which) => {
  const nodes = (...names: readonly string[]): Fact<ReadonlySet<string>> => known(new Set(names))
  const there = nodes(NODES[which])
  const other = nodes(NODES[which === 'iommufd' ? 'vfioType1' : 'iommufd'])
  const built = (value: string): Fact<ReadonlyMap<string, string>> => known(new Map([[OPTIONS[which], value]]))
  it.each<[string, Partial<KernelFacts>, string]>([
    ['with its node', { deviceNodes: there }, 'present'],
    ['with its node, built as a module', { deviceNodes: there, configuration: built('m') }, 'present'],
    [
      'with its node, and no word of the configuration',
      { deviceNodes: there, configuration: known(new Map()) },
      'present',
    ],
    ['with its node, where the configuration cannot be read', { deviceNodes: there, configuration: CLOSED }, 'present'],
    // A node in a copied /dev shows nothing: the weaker of two witnesses counts.
    ['with its node, and built without it', { deviceNodes: there, configuration: built('n') }, 'absent'],
    ['with the node of the other', { deviceNodes: other }, 'absent'],
    ['without a node', { deviceNodes: nodes() }, 'absent'],
    ['where nodes cannot be read', { deviceNodes: CLOSED }, 'unknown'],
    ['where nobody looked', { deviceNodes: absent() }, 'unknown'],
    ['before 6.2', { deviceNodes: there, release: known('6.1.0') }, which === 'iommufd' ? 'absent' : 'present'],
    ['from 6.2 on', { deviceNodes: there, release: known('6.2.0') }, 'present'],
    [
      'on an older kernel that may carry later code',
      { deviceNodes: there, release: known('5.14.0-503.el9.aarch64') },
      'present',
    ],
    ['on a release that nobody knows', { deviceNodes: there, release: known('custom') }, 'present'],
  ])('%s', (_, kernel, expected) => {
    expect(interfacePresence(under(kernel), which)).toBe(expected)
  })

  it('has a node that the configuration contradicts only where both say so', () => {
    const contradicted = (kernel: Partial<KernelFacts>) => contradictedNode(under(kernel).machine, which)
    const found = { node: NODES[which], option: OPTIONS[which] }
    expect(contradicted({ deviceNodes: there, configuration: built('n') })).toEqual(found)
    expect(contradicted({ deviceNodes: there, configuration: built('y') })).toBeUndefined()
    expect(contradicted({ deviceNodes: there, configuration: absent() })).toBeUndefined()
    expect(contradicted({ deviceNodes: other, configuration: built('n') })).toBeUndefined()
    expect(contradicted({ deviceNodes: CLOSED, configuration: built('n') })).toBeUndefined()
  })

  // drivers/vfio/vfio_iommu_type1.c, drivers/iommu/iommufd/device.c: each has a parameter of its own.
  it('goes by the parameter of its own module', () => {
    const module = which === 'iommufd' ? 'iommufd' : 'vfio_iommu_type1'
    const words = (word: string) => under({ parameters: new Map(), commandLine: known([word]) })
    expect(unsafeOverride(words(`${module}.allow_unsafe_interrupts=1`), which)).toBe('yes')
    expect(unsafeOverride(words(`${module}.allow_unsafe_interrupts=0`), which)).toBe('no')
    const other_ = which === 'iommufd' ? 'vfio_iommu_type1' : 'iommufd'
    expect(unsafeOverride(words(`${other_}.allow_unsafe_interrupts=1`), which)).toBe('no')
  })
})

// drivers/vfio/vfio_main.c: the parameter is there only with CONFIG_VFIO_NOIOMMU, and counts for a module still to be loaded.
describe('no-IOMMU mode by a word for a module', () => {
  const MODE = 'vfio.enable_unsafe_noiommu_mode'
  const BUILT = known(new Map([['CONFIG_VFIO_NOIOMMU', 'y']]))
  const word = { parameters: new Map(), commandLine: known([`${MODE}=1`]), loadedModules: known(new Set<string>()) }
  const option = { ...word, commandLine: known([]), modprobeOptions: known(new Map([[MODE, '1']])) }
  it.each([
    ['on the command line', word],
    ['of modprobe.d', option],
  ] as const)('%s', (_, kernel) => {
    expect(noIommuMode(under({ ...kernel, configuration: BUILT }))).toBe('yes')
    expect(noIommuMode(under({ ...kernel, configuration: absent() }))).toBe('yes')
    expect(noIommuMode(under({ ...kernel, configuration: known(new Map([['CONFIG_VFIO_NOIOMMU', 'n']])) }))).toBe('no')
    expect(noIommuMode(under({ ...kernel, configuration: BUILT, loadedModules: known(new Set(['vfio'])) }))).toBe('no')
    expect(noIommuMode(under({ ...kernel, configuration: BUILT, loadedModules: known(new Set(['vfio_pci'])) }))).toBe(
      'yes',
    )
  })
})

it('a word for the no-IOMMU mode counts where nobody knows which modules are loaded', () => {
  const kernel = {
    commandLine: known(['vfio.enable_unsafe_noiommu_mode=1']),
    parameters: new Map(),
    configuration: absent(),
  }
  expect(noIommuMode(under({ ...kernel, loadedModules: absent() }))).toBe('yes')
  expect(noIommuMode(under({ ...kernel, loadedModules: CLOSED }))).toBe('yes')
  expect(noIommuMode(under({ ...kernel, loadedModules: known(new Set(['vfio'])) }))).toBe('no')
})

it('the no-IOMMU mode of a loaded vfio is what its parameter says', () => {
  const name = 'vfio.enable_unsafe_noiommu_mode'
  const loaded = (value: string) =>
    noIommuMode(
      under({
        parameters: new Map([[name, { module: 'vfio', name: 'enable_unsafe_noiommu_mode', value: known(value) }]]),
        loadedModules: known(new Set(['vfio'])),
      }),
    )
  expect([loaded('Y'), loaded('N')]).toEqual(['yes', 'no'])
})
