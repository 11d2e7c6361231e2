import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import {
  gicV5ItsRegistered,
  itsRegistered,
  lpisDisabled,
  mbiRegistered,
  preItsQuirkApplied,
  v2mRegistered,
} from '../../../../src/kernel/msi/gic-bring-up.js'
import { intrRemapCapability } from '../../../../src/kernel/msi/global-isolation.js'
import { intremapWords } from '../../../../src/kernel/msi/intremap-words.js'
import { absent, known, unreadable } from '../../../../src/machine/fact.js'
import type { Architecture, KernelFacts } from '../../../../src/machine/kernel.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { arm, sysrootOf } from '../../rules/metal.js'

const BASE = probeMachine(sysrootOf({ machine: arm({}) }))
const CLOSED = unreadable('permission')
const STARTS = 'GICv3: 256 SPIs implemented'
const AT = 0x8080000n

interface Seen {
  readonly release?: string
  readonly words?: readonly string[] | 'closed'
  readonly log?: readonly string[] | 'closed' | 'none'
  readonly its?: string
  /** More options of the build. */
  readonly options?: readonly (readonly [string, string])[]
  readonly chip?: string
  readonly architecture?: Architecture
}

function context({ release = '6.12.0', words = [], log = [], its, options = [], chip, architecture = 'arm64' }: Seen) {
  const kernel: KernelFacts = {
    ...BASE.kernel,
    release: known(release),
    architecture: known(architecture),
    commandLine: words === 'closed' ? CLOSED : known(words),
    log: log === 'closed' ? CLOSED : log === 'none' ? absent() : known(log),
    configuration:
      its === undefined && options.length === 0
        ? absent()
        : known(new Map([...(its === undefined ? [] : [['CONFIG_ARM_GIC_V3_ITS', its] as const]), ...options])),
  }
  const byNumber = new Map(chip === undefined ? [] : [[40, { irq: 40, chipName: known(chip) }]])
  return contextOf({ ...BASE, kernel, interrupts: { ...BASE.interrupts, byNumber } })
}

// K: drivers/irqchip/irq-gic-v3.c, gicv3_nolpi_cfg with lib/kstrtox.c, kstrtobool: the last value that reads as one counts.
describe('irqchip.gicv3_nolpi', () => {
  it.each<[string, readonly string[] | 'closed']>([
    ['no', []],
    ['unknown', 'closed'],
    ['yes', ['irqchip.gicv3_nolpi=1']],
    ['yes', ['irqchip.gicv3_nolpi=Y']],
    ['yes', ['irqchip.gicv3_nolpi=on']],
    ['no', ['irqchip.gicv3_nolpi=off']],
    ['no', ['irqchip.gicv3_nolpi']],
    ['no', ['irqchip.gicv3_nolpi=1', 'irqchip.gicv3_nolpi=0']],
    ['yes', ['irqchip.gicv3_nolpi=1', 'irqchip.gicv3_nolpi=x']],
    ['no', ['irqchip.gicv3_nolpi=ox']],
  ])('%s for %j', (expected, words) => {
    expect(lpisDisabled(context({ words }))).toBe(expected)
  })
})

// K: drivers/irqchip/irq-gic-v3-its.c, its_init and its_probe_one.
describe('whether a described ITS has a domain', () => {
  it.each<[string, Seen, bigint?]>([
    ['yes', { its: 'y' }],
    ['no', { its: 'n' }],
    ['unknown', {}],
    ['yes', { log: [STARTS, 'ITS [mem 0x08080000-0x0809ffff]'] }, AT],
    ['unknown', { log: [STARTS, 'ITS [mem 0x09080000-0x0909ffff]'], its: 'y' }, AT],
    ['unknown', { log: [STARTS], its: 'y' }, AT],
    ['yes', { log: [STARTS], its: 'y' }],
    ['no', { log: ['ITS@0x0000000008080000: Unable to map ITS registers'], its: 'y' }, AT],
    ['yes', { log: ['ITS@0x0000000009080000: Unable to map ITS registers'], its: 'y' }, AT],
    ['unknown', { log: ['ITS@0x0000000009080000: Unable to map ITS registers'], its: 'y' }],
    ['no', { words: ['irqchip.gicv3_nolpi=1'], its: 'y' }],
    ['no', { log: ['ITS: No ITS available, not enabling LPIs'], its: 'y' }],
    ['unknown', { words: 'closed', its: 'y' }],
    ['unknown', { log: 'closed', its: 'y' }],
    ['yes', { log: 'none', its: 'y' }],
    ['yes', { chip: 'ITS-MSI' }],
    ['unknown', { chip: 'ITS-v5-PCI-MSI-0000:01:00.0' }],
    // What speaks against it wins: a kernel that was built without asks no ITS, whatever the log of another says.
    ['no', { its: 'n', log: [STARTS, 'ITS [mem 0x08080000-0x0809ffff]'] }, AT],
    ['no', { its: 'y', options: [['CONFIG_PCI_MSI', 'n']], log: ['ITS [mem 0x08080000-0x0809ffff]'] }, AT],
    ['yes', { its: 'y', options: [['CONFIG_PCI_MSI', 'y']], log: ['ITS [mem 0x08080000-0x0809ffff]'] }, AT],
  ])('%s (row %#)', (expected, seen, base) => {
    expect(itsRegistered(context(seen), base)).toBe(expected)
  })
})

// K: its_of_probe, its_probe: "%pOF: no msi-controller property, ITS ignored", "%pOF: no regs?"; up to 4.16 the name alone.
it.each([
  ['no', '/soc/its@8080000: no msi-controller property, ITS ignored'],
  ['no', 'its@8080000: no msi-controller property, ITS ignored'],
  ['no', '/soc/bus/its@8080000: no regs?'],
  ['yes', '/soc/its@9080000: no msi-controller property, ITS ignored'],
  ['yes', '/soc/its@8080000: something else'],
])('an ITS has a domain: %s, by "%s"', (expected, line) => {
  const seen = context({ its: 'y', log: [line] })
  expect(itsRegistered(seen, AT, '/soc/its@8080000')).toBe(expected)
  expect(itsRegistered(seen, AT, '/its@8080000')).toBe(expected)
  expect(itsRegistered(seen, AT)).toBe('yes')
})

// K: drivers/irqchip/irq-gic-v3.c, gic_init_bases: a frame is taken only where LPIs are not usable; MBIs only by GICD_TYPER.
describe('what stands beside an ITS', () => {
  const log = [STARTS]
  it.each<[string, Seen, 2 | 3 | 5 | undefined, boolean]>([
    ['yes', {}, 2, false],
    ['no', {}, 5, false],
    ['unknown', {}, undefined, false],
    ['unknown', { log }, undefined, false],
    ['unknown', {}, 3, false],
    ['no', {}, 3, true],
    ['unknown', { words: ['irqchip.gicv3_nolpi=1'] }, 3, true],
    ['unknown', { words: 'closed' }, 3, true],
    ['no', { log }, 3, false],
    ['yes', { chip: 'GICv2m-PCI-MSI-0000:01:00.0', log }, 3, true],
    ['yes', { log: [STARTS, 'GICv2m: range[mem 0x08020000-0x08020fff], SPI[80:143]'] }, 3, true],
  ])('a GICv2m frame has a domain: %s (row %#)', (expected, seen, version, itsDescribed) => {
    expect(v2mRegistered(context(seen), version, itsDescribed)).toBe(expected)
  })
  it.each<[string, Seen]>([
    ['yes', {}],
    ['no', { log }],
    ['yes', { log: [STARTS, 'GICv3: MBI range [32:95]'] }],
    ['yes', { log: [STARTS, 'GICv3: Using MBI frame 0x0000000008000000'] }],
    ['no', { log: ['GICv3: Failed to initialize MBIs', 'GICv3: MBI range [32:95]'] }],
    ['yes', { log, chip: 'MBI-PCI-MSI-0000:01:00.0' }],
    ['no', { log, chip: 'ITS-MSI' }],
  ])('the distributor has a domain of its own: %s (row %#)', (expected, seen) => {
    expect(mbiRegistered(context(seen))).toBe(expected)
  })
})

// K: drivers/irqchip/irq-gic-v5-its.c came with 6.17 for device trees, its ACPI part with 7.1.
describe('whether the ITS of a GICv5 has a domain', () => {
  it.each<[string, Seen, 'acpi' | 'devicetree']>([
    ['no', { release: '6.16.0' }, 'devicetree'],
    ['yes', { release: '6.17.0' }, 'devicetree'],
    ['no', { release: '7.0.0' }, 'acpi'],
    ['yes', { release: '7.1.0' }, 'acpi'],
    ['unknown', { release: '7.1.0', log: 'closed' }, 'acpi'],
    ['no', { release: '7.1.0', log: ['GICv5 ITS: ITS register mapping failed'] }, 'acpi'],
    ['yes', { release: '7.1.0', log: ['GICv5 ITS: ITS 0x2f120000 enabled using 2-level DT'] }, 'acpi'],
    ['unknown', { release: '7.1.0', log: ['GICv5 IRS: x detected SPI range [0-31]'] }, 'acpi'],
    [
      'yes',
      {
        release: '7.1.0',
        log: ['GICv5 IRS: x detected SPI range [0-31]', 'GICv5 ITS: ITS 0x2f120000 enabled using 2-level DT'],
      },
      'acpi',
    ],
    ['unknown', { release: 'custom' }, 'devicetree'],
  ])('%s (row %#)', (expected, seen, firmware) => {
    expect(gicV5ItsRegistered(context(seen), firmware)).toBe(expected)
  })
})

describe('the workaround for a pre-ITS', () => {
  const UP = 'ITS [mem 0x08080000-0x0809ffff]'
  const TABLES = 'ITS@0x0000000008080000: allocated 65536 Devices @880100000 (flat, esz 8, psz 64K, shr 1)'
  const DONE = 'GIC: enabling workaround for ITS: Socionext Synquacer pre-ITS'
  it.each<[string, readonly string[]]>([
    ['yes', [UP, DONE, TABLES]],
    ['no', [UP, TABLES]],
    ['unknown', [UP]],
    ['unknown', [TABLES]],
  ])('was taken: %s (row %#)', (expected, log) => {
    expect(preItsQuirkApplied(context({ log }), AT)).toBe(expected)
  })
  it('is in no kernel that was built without, whatever was not seen', () => {
    const of = (value: string) =>
      preItsQuirkApplied(context({ options: [['CONFIG_SOCIONEXT_SYNQUACER_PREITS', value]], log: [UP] }), AT)
    expect(['n', 'y'].map(of)).toEqual(['no', 'unknown'])
  })
  it('cannot be told of an ITS without an address', () => {
    expect(preItsQuirkApplied(context({ log: [UP, TABLES] }), undefined)).toBe('unknown')
  })
})

// K: arm_smmu_capable claimed IOMMU_CAP_INTR_REMAP from 3.17 to 4.10; s390 always has it; nobody else outside x86.
describe('IOMMU_CAP_INTR_REMAP', () => {
  it.each<[string, Architecture, string]>([
    ['3.16.0', 'arm64', 'no'],
    ['3.17.0', 'arm64', 'yes'],
    ['4.10.17', 'arm', 'yes'],
    ['4.11.0', 'arm64', 'no'],
    ['6.1.0', 'arm', 'no'],
    ['4.10.0', 's390x', 'yes'],
    ['4.10.0', 'riscv64', 'no'],
    ['4.10.0', 'powerpc', 'no'],
    ['4.10.0', 'loongarch64', 'no'],
    ['4.10.0', 'other', 'unknown'],
    ['custom', 'arm64', 'unknown'],
  ])('of %s on %s: %s', (release, architecture, expected) => {
    expect(intrRemapCapability(context({ release, architecture }))).toBe(expected)
  })
})

// K: drivers/iommu/irq_remapping.c, setup_irqremap and setup_nointremap.
describe('intremap=', () => {
  it.each<[readonly string[], object]>([
    [[], { sourceIdsUnchecked: false }],
    [['intremap=off'], { offWord: 'intremap=off', sourceIdsUnchecked: false }],
    [['nointremap'], { offWord: 'nointremap', sourceIdsUnchecked: false }],
    [['intremap=off', 'intremap=on'], { sourceIdsUnchecked: false }],
    [['nointremap', 'intremap=on'], { sourceIdsUnchecked: false }],
    [['intremap=on', 'nointremap'], { offWord: 'nointremap', sourceIdsUnchecked: false }],
    [['intremap=on,nosid'], { sourceIdsUnchecked: true }],
    [['intremap=nosid', 'intremap=on'], { sourceIdsUnchecked: true }],
    [['intremap=offline'], { offWord: 'intremap=offline', sourceIdsUnchecked: false }],
    [['intremap=no_x2apic_optout'], { sourceIdsUnchecked: false }],
    [['isolcpus=off', 'isolcpus=nosid'], { sourceIdsUnchecked: false }],
    [['intremap=off', 'intremap=online'], { sourceIdsUnchecked: false }],
  ])('%j', (words, expected) => {
    expect(intremapWords(context({ words }).machine)).toStrictEqual(expected)
  })
})
