import { describe, expect, it } from 'vitest'
import type { KernelContext } from '../../../src/kernel/context.js'
import { ControllerList } from '../../../src/kernel/msi/controller-list.js'
import type { MsiController } from '../../../src/kernel/msi/msi-controller.js'
import { absent, known, unreadable, type Fact } from '../../../src/machine/fact.js'
import type { InterruptDomain } from '../../../src/machine/interrupts.js'
import type { Architecture } from '../../../src/machine/kernel.js'
import type { Machine } from '../../../src/machine/machine.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { msiLink } from '../../../src/routes/msi-link.js'
import { v2m } from '../rules/vector.js'
import { CARD, routeIn } from './one-route.js'
import { arm, card, intel, judged, sysrootOf, text, tree, type TestCase } from '../rules/metal.js'

const TREE = 'sys/firmware/devicetree/base'
const isolatedOf = (edit: TestCase['edit']) => {
  const { routes } = judged({ machine: tree(), ...(edit ? { edit } : {}) })
  return routes.byName.get('0000:01:00.0')?.msi.isolated
}

/** The chip in use is that of an ITS. Behind a pre-ITS it has the same name, and only the tree tells which it is. */
describe('an ITS in use', () => {
  it('is known to be no pre-ITS by a whole tree', () => {
    expect(isolatedOf(undefined)).toBe('yes')
  })

  it('may be a pre-ITS where the tree cannot be read', () => {
    expect(
      isolatedOf((files) => {
        for (const path of files.keys()) if (path.startsWith(`${TREE}/`)) files.delete(path)
        files.set(TREE, { kind: 'file', content: 'permission' })
      }),
    ).toBe('unknown')
  })

  it('may be a pre-ITS where a node of the tree cannot be read', () => {
    expect(
      isolatedOf((files) => {
        for (const path of files.keys()) if (/\/msi-controller@|\/its@/.test(path)) files.delete(path)
        files.set(`${TREE}/interrupt-controller@8000000/msi-controller@8080000`, {
          kind: 'file',
          content: 'permission',
        })
      }),
    ).toBe('unknown')
  })

  it('may be a pre-ITS where nobody can tell what a controller is', () => {
    expect(
      isolatedOf((files) => {
        for (const path of files.keys())
          if (path.startsWith(TREE) && /\/(?:msi-controller|its)@[0-9a-f]+\/compatible$/.test(path))
            files.set(path, text('arm,gic-v3-its'))
      }),
    ).toBe('unknown')
  })
})

/**
 * What a function's MSI controller is, from what firmware describes and what its interrupts show. The chip in use is the
 * kernel's own word; of two words the weaker counts (the contract's law); `MSI` was the name of several chips on Arm
 * before 6.11, none of which checks the payload.
 */
describe('the MSI controller behind a function', () => {
  const BASE = probeMachine(sysrootOf({ machine: arm() }))
  const V2M = probeMachine(
    sysrootOf({
      machine: arm({ msiControllers: [v2m], rootComplexes: [{ iommu: 'smmu', msi: 'v2m', functions: [card(1)] }] }),
    }),
  )
  /** The function's vectors with this chip; none at all, or one that cannot be read. */
  function using(machine: Machine, chipName: string | undefined | Fact<string>): Machine {
    const functions = machine.functions.state === 'known' ? machine.functions.value : []
    if (chipName === undefined)
      return { ...machine, functions: known(functions.map((fn) => ({ ...fn, msiVectors: known([]) }))) }
    const fact = typeof chipName === 'string' ? known(chipName) : chipName
    const entries = [...machine.interrupts.byNumber].map(([irq, one]) => [irq, { ...one, chipName: fact }] as const)
    return { ...machine, interrupts: { ...machine.interrupts, byNumber: new Map(entries) } }
  }
  const closedMadt = (machine: Machine): Machine => ({ ...machine, acpi: { ...machine.acpi, madt: unreadable('io') } })
  const under = (architecture: Architecture, machine: Machine): Machine => ({
    ...machine,
    kernel: { ...machine.kernel, architecture: known(architecture) },
  })
  const closedIort = (machine: Machine): Machine => ({ ...machine, acpi: { ...machine.acpi, iort: unreadable('io') } })
  const words = (machine: Machine, release?: string) => {
    const { kind, controller, deviceIds, isolated } = routeIn(machine, CARD, release).route.msi
    return `${kind} ${controller?.kind ?? 'none'} ${deviceIds === 'unknown' ? deviceIds : `[${deviceIds.join()}]`} ${isolated}`
  }
  it.each<[string, Machine, string]>([
    ['an ITS, described and in use', using(BASE, 'ITS-PCI-MSIX-0000:01:00.0'), 'its its [256] yes'],
    ['an ITS, described and not in use', using(BASE, undefined), 'its its [256] yes'],
    ['an ITS, described, with a chip that cannot be read', using(BASE, unreadable('io')), 'its its [256] unknown'],
    [
      'an ITS, described, with the chip of another',
      using(BASE, 'GICv2m-PCI-MSIX-0000:01:00.0'),
      'gicv2m none [256] no',
    ],
    ['an ITS, described, with a chip that nobody knows', using(BASE, 'NEW-MSI'), 'unknown its [256] unknown'],
    ['an ITS, described, with the old name of several', using(BASE, 'MSI'), 'other none [256] no'],
    ['an ITS in use, of which no table tells', closedMadt(using(BASE, 'ITS-MSI')), 'its none unknown yes'],
    ['not in use, of which no table tells', closedMadt(using(BASE, undefined)), 'unknown none unknown unknown'],
    ['a GICv2m, described and in use', using(V2M, 'GICv2m-PCI-MSI-0000:01:00.0'), 'gicv2m gicv2m [] no'],
    ['a GICv2m with the old name of several', using(V2M, 'MSI'), 'gicv2m gicv2m [] no'],
    ['a GICv2m, described and not in use', using(V2M, undefined), 'gicv2m gicv2m [] no'],
    ['a GICv2m, described, with a chip that cannot be read', using(V2M, unreadable('io')), 'gicv2m gicv2m [] no'],
    ['a GICv2m, described, with the chip of an ITS', using(V2M, 'ITS-MSI'), 'its none unknown yes'],
    ['a GICv2m, described, with the chip of a GICv5 ITS', using(V2M, 'ITS-v5-PCI-MSI'), 'gicv5-its none unknown yes'],
    [
      'none, described, and none in use',
      { ...using(V2M, undefined), acpi: { ...V2M.acpi, madt: absent() } },
      'none none [] no',
    ],
    [
      'none, described, with a chip that cannot be read',
      { ...using(V2M, unreadable('io')), acpi: { ...V2M.acpi, madt: absent() } },
      'unknown none [] no',
    ],
    [
      'none, described, with the old name of several',
      { ...using(V2M, 'MSI'), acpi: { ...V2M.acpi, madt: absent() } },
      'other none [] no',
    ],
  ])('%s', (_, machine, expected) => {
    expect(words(machine)).toBe(expected)
  })

  // K: arch_is_isolated_msi, true on s390 alone; on the others without the flag no domain of theirs has it.
  it.each([
    ['s390x', 'yes'],
    ['riscv64', 'no'],
    ['powerpc', 'no'],
    ['loongarch64', 'no'],
    ['arm64', 'unknown'],
  ] as const)('on %s, of which no table tells: %s', (architecture, expected) => {
    const machine = under(architecture, closedIort(using(BASE, 'NEW-MSI')))
    expect(routeIn(machine).route.msi.isolated).toBe(expected)
  })

  it('under another release than the running one is what is described', () => {
    // The chips in use say nothing of a kernel that does not run.
    expect(words(using(BASE, 'GICv2m-PCI-MSIX-0000:01:00.0'), '7.1.0')).toBe('gicv2m none [256] yes')
    expect(words(closedMadt(using(BASE, 'ITS-MSI')), '7.1.0')).toBe('its none unknown yes')
  })

  it('of which debugfs shows the flags', () => {
    const machine = using(BASE, 'NEW-MSI')
    const domain = (flags: number): InterruptDomain => ({ name: 'd', flags, parents: [] })
    const chains = new Map([...machine.interrupts.byNumber.keys()].map((irq) => [irq, known(['d'])] as const))
    const shown = (flags: number): Machine => ({
      ...machine,
      interrupts: { ...machine.interrupts, domains: known([domain(flags)]), domainChains: chains },
    })
    expect([shown(0x20), shown(0x10)].map((one) => routeIn(one).route.msi.isolated)).toEqual(['yes', 'unknown'])
    // It speaks for no chip that is known: a hazard is not read away.
    const known_ = using(shown(0x20), 'GICv2m-PCI-MSI-0000:01:00.0')
    expect(routeIn(known_).route.msi.isolated).toBe('no')
  })

  it('is remapped on x86 where the chip says so', () => {
    const x86 = probeMachine(sysrootOf({ machine: intel() }))
    expect(words(using(x86, 'IR-PCI-MSIX-0000:01:00.0'))).toBe('x86-remapped x86-remapped [] yes')
    // No pre-ITS is there, whether or not a tree can be read.
    const withTree = { ...using(x86, 'IR-PCI-MSIX-0000:01:00.0'), deviceTree: unreadable('io') }
    expect(words(withTree)).toBe('x86-remapped x86-remapped [] yes')
    expect(words(using(x86, 'PCI-MSIX-0000:01:00.0'))).toBe('x86-vector none [] no')
  })
})

describe('an ITS in use that the tree names', () => {
  const preIts = { base: '0x58000000', size: '0x200000' }
  const its = { name: 'its', type: 'its', address: '0x8080000' } as const
  it.each([
    [
      'is the one that counts, beside a pre-ITS',
      [its, { ...its, name: 'second', address: '0x8100000', preIts }],
      'yes',
    ],
    [
      'may be the pre-ITS, beside one that is not',
      [
        { ...its, preIts },
        { ...its, name: 'second', address: '0x8100000' },
      ],
      'no',
    ],
  ] as const)('%s', (_, msiControllers, expected) => {
    expect(routeIn(probeMachine(sysrootOf({ machine: tree({ msiControllers }) }))).route.msi.isolated).toBe(expected)
  })
})

/** A pre-ITS is seen in the tree alone: where nobody can tell which ITS it is, any that may be one counts. */
describe('an ITS in use of which no map tells', () => {
  const machine = probeMachine(sysrootOf({ machine: tree() }))
  const { map, route } = routeIn({ ...machine, functions: machine.functions })
  const [some] = map.controllers.all
  const its = (payloadChecked: MsiController['payloadChecked']): MsiController => {
    if (!some) throw new Error('the tree has an ITS')
    return { ...some, kind: 'its', payloadChecked }
  }
  const strange = (): MsiController => ({ ...its('no'), kind: 'unknown' })
  /** The way of the function to its ITS is closed: its RequesterID is not known. */
  const fn = { ...route.fn, upstream: unreadable('io') }
  const answer = (context: KernelContext, controllers: readonly MsiController[]) => {
    const { described, isolated } = msiLink(context, fn, new ControllerList(controllers))
    expect(described.state).toBe('undecided')
    return isolated
  }
  it.each<[string, readonly MsiController[], string]>([
    ['one that checks', [its('yes')], 'yes'],
    ['one that does not', [its('no')], 'no'],
    ['one that may be behind a pre-ITS', [its('unknown')], 'unknown'],
    ['one of each', [its('yes'), its('no')], 'unknown'],
    ['several that do not', [its('no'), its('no')], 'no'],
    ['one that checks, and one that nobody knows', [its('yes'), strange()], 'unknown'],
    ['one that does not, and one that nobody knows', [its('no'), strange()], 'unknown'],
    ['one that checks, and a GICv2m', [its('yes'), { ...its('no'), kind: 'gicv2m' }], 'yes'],
  ])('%s: %s', (_, controllers, expected) => {
    expect(answer(map.context, controllers)).toBe(expected)
  })
  it('of a tree that is not whole, or is not there', () => {
    const { deviceTree } = map.context.machine
    const of = (fact: Machine['deviceTree']) =>
      answer({ ...map.context, machine: { ...map.context.machine, deviceTree: fact } }, [its('yes')])
    expect(of(unreadable('io'))).toBe('unknown')
    expect(of(deviceTree.state === 'known' ? known({ ...deviceTree.value, complete: false }) : deviceTree)).toBe(
      'unknown',
    )
    expect(of(absent())).toBe('yes')
  })
})
