import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { msiInUse } from '../../../../src/kernel/msi/chips-in-use.js'
import { domainsInUse } from '../../../../src/kernel/msi/domains-in-use.js'
import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import type { InterruptDomain } from '../../../../src/machine/interrupts.js'
import type { Architecture } from '../../../../src/machine/kernel.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { arm, sysrootOf } from '../../rules/metal.js'

const BASE = probeMachine(sysrootOf({ machine: arm() }))
const CARD = '0000:01:00.0'
const CLOSED = unreadable('permission')

interface Situation {
  /** Chip names of the vectors, or why one cannot be read; none: no vector. */
  readonly chips?: readonly (string | Fact<string>)[]
  readonly vectors?: 'absent' | 'unreadable' | 'empty'
  /** Linux does not list the interrupt of a vector. */
  readonly isGone?: true
  readonly controlDomain?: true
  readonly architecture?: Architecture
}

function used({ chips = [], vectors, isGone, controlDomain, architecture = 'arm64' }: Situation): string {
  const numbers = chips.map((_, index) => 40 + index)
  const some = [...BASE.interrupts.byNumber.values()][0]
  if (!some) throw new Error('the machine has interrupts')
  const named = chips.map(
    (chip, index) => [40 + index, { ...some, chipName: typeof chip === 'string' ? known(chip) : chip }] as const,
  )
  const functions = BASE.functions.state === 'known' ? BASE.functions.value : []
  const card = functions.find(({ name }) => name === CARD)
  if (card?.msiVectors.state !== 'known') throw new Error('the card has vectors')
  const [vector] = card.msiVectors.value
  if (!vector) throw new Error('the card has vectors')
  const list = known(numbers.map((irq) => ({ ...vector, irq })))
  const msiVectors = vectors === 'absent' ? absent() : vectors === 'unreadable' ? unreadable('io') : list
  const context = contextOf({
    ...BASE,
    kernel: { ...BASE.kernel, architecture: known(architecture) },
    interrupts: { ...BASE.interrupts, byNumber: new Map(isGone ? [] : named) },
    virtualization: { ...BASE.virtualization, ...(controlDomain && { controlDomain }) },
  })
  const found = msiInUse(context, { ...card, msiVectors })
  if (found.state !== 'known') return found.state
  return [found.kind, found.isolated, ...(found.doubt === undefined ? [] : [found.doubt]), found.chipNames.length].join(
    ' ',
  )
}

// K: the names of irq_chip, with the address of the device from 6.11 (Arm) and 6.2 (x86) on; sysfs-procfs.md.
describe('the chips of the interrupts that a function holds', () => {
  const [ITS, V2M] = ['ITS-PCI-MSIX-0000:01:00.0', 'GICv2m-PCI-MSIX-0000:01:00.0']
  it.each<[string, Situation, string]>([
    ['one chip', { chips: [ITS] }, 'its yes 1'],
    ['the same for several', { chips: [ITS, ITS] }, 'its yes 1'],
    ['two of one kind', { chips: [ITS, 'ITS-MSI'] }, 'its yes 2'],
    ['two of different kinds, of which the weaker counts', { chips: [ITS, V2M] }, 'unknown no 2'],
    ['one that nobody knows', { chips: ['NEW'] }, 'unknown unknown controller-unknown 1'],
    ['one that nobody knows beside an ITS', { chips: [ITS, 'NEW'] }, 'unknown unknown controller-unknown 2'],
    ['one of Hyper-V', { chips: ['Hyper-V PCIe MSI'], architecture: 'x86_64' }, 'other no hypervisor-decides 1'],
    ['one of a VMD', { chips: ['VMD-MSI'], architecture: 'x86_64' }, 'other no behind-vmd 1'],
    // What names another function is no witness for this one.
    ['one that names another function', { chips: ['ITS-PCI-MSIX-0000:02:00.0'] }, 'unreadable'],
    [
      'one that names a function of a domain whose number ends alike',
      { chips: ['ITS-PCI-MSIX-10000:01:00.0'] },
      'unreadable',
    ],
    ['one that names no function', { chips: ['ITS-PCI-MSIX'] }, 'its yes 1'],
    ['one that cannot be read', { chips: [unreadable('io')] }, 'unreadable'],
    ['one without a name', { chips: [absent()] }, 'unreadable'],
    ['one that cannot be read behind another', { chips: [ITS, unreadable('io')] }, 'unreadable'],
    ['one that Linux does not list', { chips: [ITS], isGone: true }, 'unreadable'],
    ['none', { chips: [] }, 'none'],
    ['none, as no directory is there', { vectors: 'absent' }, 'none'],
    ['nobody knows which', { vectors: 'unreadable' }, 'unreadable'],
    // Xen remaps below its control domain, whatever chip that one sees.
    ['one in the control domain of Xen', { chips: [ITS], controlDomain: true }, 'its unknown hypervisor-owns-iommu 1'],
  ])('%s', (_, at, expected) => {
    expect(used(at)).toBe(expected)
  })
})

it('the chips of a function say where they are named, each once', () => {
  const functions = BASE.functions.state === 'known' ? BASE.functions.value : []
  const card = functions.find(({ name }) => name === CARD)
  if (!card) throw new Error('the machine has the card')
  const [vectors, named, closed] = ['msi_irqs', 'chip_name', 'chip_name of 41'].map((path) => ({ path }))
  if (!vectors || !named || !closed) throw new Error('three places')
  const msiVectors = known(
    [40, 41].map((irq) => ({ irq, mode: known('msix' as const) })),
    vectors,
  )
  const used = (...chips: readonly Fact<string>[]) => {
    const byNumber = new Map(chips.map((chipName, at) => [40 + at, { irq: 40 + at, chipName }]))
    const context = contextOf({ ...BASE, interrupts: { ...BASE.interrupts, byNumber } })
    return msiInUse(context, { ...card, msiVectors })
  }
  const chip = known('ITS-MSI', named)
  expect(used(chip, chip)).toStrictEqual({
    state: 'known',
    kind: 'its',
    isolated: 'yes',
    chipNames: ['ITS-MSI'],
    from: [named],
  })
  expect(used(chip, unreadable('io', closed))).toEqual({ state: 'unreadable', from: [closed] })
  expect(used(chip)).toEqual({ state: 'unreadable', from: [vectors] })
})

/**
 * K: kernel/irq/msi.c, msi_device_has_isolated_msi: flag 0x20 once on the way up. An ITS has it from 4.11 on, the domains
 * of x86 from 6.3 on; s390 has no such domains.
 */
describe('the flags of the domains that a function uses', () => {
  const domain = (name: string, flags: number, ...above: readonly number[]): InterruptDomain => ({
    name,
    flags,
    parents: above.map((one, index) => ({ name: `${name}-${index}`, flags: one })),
  })
  const chains = (...names: readonly (string | Fact<readonly string[]>)[]) =>
    new Map(names.map((name, index) => [40 + index, typeof name === 'string' ? known([name]) : name] as const))
  interface Shown {
    readonly domains: Fact<readonly InterruptDomain[]>
    readonly chains?: ReturnType<typeof chains>
    readonly release?: string
    readonly architecture?: Architecture | 'closed'
    readonly vectors?: Fact<never>
  }
  function answer(shown: Shown) {
    const { domains, chains: domainChains = chains('d'), release = '6.12.0', architecture = 'arm64', vectors } = shown
    const functions = BASE.functions.state === 'known' ? BASE.functions.value : []
    const card = functions.find(({ name }) => name === CARD)
    if (card?.msiVectors.state !== 'known') throw new Error('the card has vectors')
    const [vector] = card.msiVectors.value
    if (!vector) throw new Error('the card has vectors')
    const kernel = {
      ...BASE.kernel,
      release: known(release),
      architecture: architecture === 'closed' ? CLOSED : known(architecture),
    }
    const context = contextOf({ ...BASE, kernel, interrupts: { ...BASE.interrupts, domains, domainChains } })
    const msiVectors = known([...domainChains.keys()].map((irq) => ({ ...vector, irq })))
    return domainsInUse(context, { ...card, msiVectors: vectors ?? msiVectors })
  }
  it.each<[string, Shown, string | undefined]>([
    ['the flag on the domain', { domains: known([domain('d', 0x33)]) }, 'yes'],
    ['the flag above it', { domains: known([domain('d', 0x11, 0x3)]) }, 'no'],
    ['the flag two above it', { domains: known([domain('d', 0x11, 0x3, 0x20)]) }, 'yes'],
    ['no flag', { domains: known([domain('d', 0x5f)]) }, 'no'],
    ['one of two without it', { domains: known([domain('d', 0x20), domain('e', 0)]), chains: chains('d', 'e') }, 'no'],
    ['both with it', { domains: known([domain('d', 0x20), domain('e', 0x20)]), chains: chains('d', 'e') }, 'yes'],
    ['a domain that is not shown', { domains: known([domain('e', 0x20)]) }, 'unknown'],
    // What cannot be read must make nothing stronger (the contract's law).
    ['one of two that is not shown', { domains: known([domain('d', 0x20)]), chains: chains('d', 'e') }, 'unknown'],
    [
      'a chain that cannot be read',
      { domains: known([domain('d', 0x20)]), chains: chains(unreadable('io')) },
      'unknown',
    ],
    ['no debugfs', { domains: absent() }, undefined],
    ['a debugfs that is closed', { domains: unreadable('permission') }, undefined],
    ['Arm before 4.11', { domains: known([domain('d', 0x20)]), release: '4.10.0' }, undefined],
    ['Arm from 4.11 on', { domains: known([domain('d', 0x20)]), release: '4.11.0' }, 'yes'],
    ['x86 before 6.3', { domains: known([domain('d', 0)]), release: '6.2.0', architecture: 'x86_64' }, undefined],
    ['x86 from 6.3 on', { domains: known([domain('d', 0)]), release: '6.3.0', architecture: 'x86_64' }, 'no'],
    ['s390', { domains: known([domain('d', 0x20)]), architecture: 's390x' }, undefined],
    [
      'an architecture that nobody can read',
      { domains: known([domain('d', 0x20)]), architecture: 'closed' },
      undefined,
    ],
    ['no vector', { domains: known([domain('d', 0x20)]), chains: chains() }, undefined],
    ['vectors that cannot be read', { domains: known([domain('d', 0x20)]), vectors: CLOSED }, undefined],
    ['a release that nobody knows', { domains: known([domain('d', 0x20)]), release: 'custom' }, undefined],
  ])('%s', (_, shown, expected) => {
    expect(answer(shown)).toBe(expected)
  })
})
