import { describe, expect, it } from 'vitest'
import type { DeviceReport } from '../../../src/report/types.js'
import { arm, card, IDLE, judged, text, tree, type TestCase } from './metal.js'
import { its, smmu } from './vector.js'

const CARD = '0000:01:00.0'
const NODE = 'interrupt-controller@8000000/msi-controller@8080000'
const LOG = 'var/log/dmesg'
const STARTS = 'GICv3: 256 SPIs implemented'
const FOUND = 'ITS [mem 0x08080000-0x0809ffff]'
const TABLES = 'ITS@0x0000000008080000: allocated 8192 Devices @40200000 (indirect, esz 8, psz 64K, shr 1)'
const WORKAROUND = 'GIC: enabling workaround for ITS: Socionext Synquacer pre-ITS'

/** No driver holds the card, so nothing but tables and log tells of its interrupts. */
const idle = [{ iommu: 'smmu', msi: 'its', functions: [card(1, {}, IDLE)] }]

/** What is said of the card where the log holds these lines. */
function cardOf(machine: TestCase['machine'], lines: readonly string[]): DeviceReport {
  const edit: TestCase['edit'] = (files) =>
    files.set(LOG, text(lines.map((line) => `<6>[    0.000000] ${line}\n`).join('')))
  const found = judged({ machine, edit }).report.devices.find(({ address }) => address === CARD)
  if (!found) throw new Error('no card')
  return found
}

// The words are those of its_of_probe(), its_probe_one(), its_init() and gic_acpi_parse_madt_its() of Linux 7.2.
describe('an ITS that is described and did not come up', () => {
  const machine = tree({ rootComplexes: idle })

  it('is there when its line is', () => {
    expect(cardOf(machine, [STARTS, FOUND, TABLES])).toMatchObject({
      verdict: 'isolated',
      kernel: { isolatedMsi: 'yes' },
    })
  })

  it.each([
    ['has no registers', `/${NODE}: no regs?`],
    ['has no msi-controller', `/${NODE}: no msi-controller property, ITS ignored`],
    ['is the only one, and none is there', 'ITS: No ITS available, not enabling LPIs'],
    ['cannot be mapped', 'ITS@0x0000000008080000: Unable to map ITS registers'],
    ['does not come to rest', 'ITS@0x0000000008080000: Failed to quiesce, giving up'],
    ['is not one', 'ITS@0x0000000008080000: No ITS detected, giving up'],
    ['fails later', 'ITS@0x0000000008080000: failed probing (-12)'],
  ])('%s', (_, line) => {
    const found = cardOf(machine, [STARTS, line])
    expect(found).toMatchObject({ verdict: 'not-isolated', kernel: { isolatedMsi: 'no' } })
    expect(found.kernel.vfioType1).toMatchObject({ outcome: 'refuses', errno: 'EPERM' })
  })

  it.each(['allocate', 'register'])('ACPI: its domain token is not taken (%s)', (what) => {
    const line = `ITS@0x0000000008080000: Unable to ${what} GICv3 ITS domain token`
    expect(cardOf(arm({ rootComplexes: idle }), [STARTS, line])).toMatchObject({
      verdict: 'not-isolated',
      kernel: { isolatedMsi: 'no' },
    })
  })

  it('cannot be told from a log that reaches back and is silent', () => {
    expect(cardOf(machine, [STARTS])).toMatchObject({ verdict: 'unknown', kernel: { isolatedMsi: 'unknown' } })
  })

  it('cannot be told from the interrupts of another ITS', () => {
    const two = tree({
      msiControllers: [its, { name: 'other', type: 'its', address: '0x80a0000' }],
      rootComplexes: [
        {
          iommu: 'smmu',
          msiMap: [
            { from: 0, count: 0x200, to: 'its' },
            { from: 0x200, count: 0x100, to: 'other', outputBase: 0x200 },
          ],
          functions: [card(1, {}, IDLE), card(2)],
        },
      ],
    })
    expect(cardOf(two, [STARTS, 'ITS [mem 0x080a0000-0x080bffff]'])).toMatchObject({
      verdict: 'unknown',
      kernel: { isolatedMsi: 'unknown' },
    })
  })

  it('has no reg in the tree, and the log says nothing of it', () => {
    const withoutReg = tree({ rootComplexes: idle, deviceTree: { properties: { [`/${NODE}`]: { reg: null } } } })
    expect(cardOf(withoutReg, [STARTS])).toMatchObject({ verdict: 'not-isolated', kernel: { isolatedMsi: 'no' } })
  })
})

// K: its_enable_quirk_socionext_synquacer() asks GITS_IIDR and the property.
describe('the pre-ITS property and what the kernel makes of it', () => {
  const kernel = (configuration?: Readonly<Record<string, string>>) => ({
    release: '6.12.0',
    ...(configuration ? { configuration } : {}),
  })
  const machine = (configuration?: Readonly<Record<string, string>>) =>
    tree({
      kernel: kernel(configuration),
      iommus: [smmu],
      msiControllers: [{ ...its, preIts: { base: '0x58000000', size: '0x200000' } }],
      rootComplexes: idle,
    })
  const answer = (lines: readonly string[], configuration?: Readonly<Record<string, string>>) => {
    const { verdict, kernel: said } = cardOf(machine(configuration), lines)
    return [verdict, said.isolatedMsi]
  }

  it.each([
    ['the workaround is on', [STARTS, FOUND, WORKAROUND, TABLES], 'no'],
    ['the log stands between ITS and tables without it: another ITS', [STARTS, FOUND, TABLES], 'yes'],
    ['the log ends before the workaround could show', [STARTS, FOUND], 'no'],
  ])('%s', (_, lines, isolatedMsi) => {
    expect(answer(lines)).toEqual(['not-isolated', isolatedMsi])
  })

  it('is not looked at by a kernel without the workaround', () => {
    expect(answer([STARTS, FOUND], { CONFIG_ARM_GIC_V3_ITS: 'y', CONFIG_SOCIONEXT_SYNQUACER_PREITS: 'n' })).toEqual([
      'not-isolated',
      'yes',
    ])
  })
})

// K: gicv5_its_print_info(), gicv5_its_of_probe(); the IRS prints its line before any ITS is looked at.
describe('a GICv5 ITS', () => {
  const IRS = 'GICv5 IRS: irs@2f1a0000 detected SPI range [0-255]'
  const machine = tree({
    kernel: { release: '7.2.0' },
    iommus: [smmu],
    msiControllers: [{ name: 'its', type: 'gicv5-its', address: '0x2f120000' }],
    rootComplexes: idle,
  })

  it.each([
    ['is up', 'GICv5 ITS: ITS its@2f120000 enabled using linear device table device_id_bits 16', 'isolated', 'yes'],
    ['failed', 'GICv5 ITS: Failed to init ITS its@2f120000', 'not-isolated', 'no'],
    ['cannot be mapped', 'GICv5 ITS: its@2f120000: unable to map GICv5 ITS_CONFIG_FRAME', 'not-isolated', 'no'],
    ['is not spoken of', 'Root IRQ handler: gicv5_handle_irq', 'unknown', 'unknown'],
  ])('%s', (_, line, verdict, isolatedMsi) => {
    expect(cardOf(machine, [IRS, line])).toMatchObject({ verdict, kernel: { isolatedMsi } })
  })
})

// 6.1 asks about every MSI domain of the machine, and accepts where the node describes message-based interrupts and the
// distributor has none (GICD_TYPER.MBIS). The words are those of gic_init_bases() and mbi_init().
describe('message-based interrupts of the GICv3 beside an ITS', () => {
  const mbi = { name: 'mbi', type: 'gicv3-mbi', address: '0x8000000' } as const
  const machine = tree({
    kernel: { release: '6.1.0' },
    iommus: [smmu],
    msiControllers: [its, mbi],
    rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1)] }],
  })

  it.each([
    ['the distributor has none', [STARTS, FOUND, TABLES], 'yes', 'accepts', 'none'],
    ['they did not come up', [STARTS, 'GICv3: Failed to initialize MBIs', FOUND, TABLES], 'yes', 'accepts', 'none'],
    ['they are there', [STARTS, 'GICv3: MBI range [64:95]', FOUND, TABLES], 'no', 'refuses', 'EPERM'],
    ['a log that does not reach back says nothing of them', [FOUND, TABLES], 'no', 'refuses', 'EPERM'],
  ])('%s', (_, lines, isolatedMsi, outcome, errno) => {
    expect(cardOf(machine, lines).kernel).toMatchObject({ isolatedMsi, vfioType1: { outcome, errno } })
  })
})

// irq-msi-lib.h: MATCH_PCI_MSI is 0 without CONFIG_PCI_MSI, so that no ITS answers for a PCI function.
it('a kernel without PCI MSIs has no use of the ITS for PCI functions, and the option is the cause', () => {
  const machine = arm({ kernel: { configuration: { CONFIG_PCI_MSI: 'n' } }, rootComplexes: idle })
  const device = cardOf(machine, [STARTS, FOUND])
  expect(device.kernel.isolatedMsi).toBe('no')
  expect(device.verdict).toBe('not-isolated')
  expect(device.cause).toMatchObject({
    id: 'its-driver-not-built',
    remedy: 'Use a kernel that is built with CONFIG_PCI_MSI.',
  })
})
