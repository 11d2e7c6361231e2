import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openMachine } from '../../../src/inputs/open-machine.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { renderHumanExplain } from '../../../src/render/explain/human-explain.js'
import { renderHumanProbe } from '../../../src/render/probe/human-probe.js'
import { explainDevice } from '../../../src/report/explain/explain.js'
import { analyse, buildReport } from '../../../src/report/probe/build.js'
import { readText } from '../../support/mangled-texts.js'

let directory = ''
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'intremap-post-'))
})
afterAll(() => {
  rmSync(directory, { recursive: true })
})

const TABLES = ['RSDP', 'XSDT', 'FACP', 'DSDT', 'APIC', 'MCFG']
const tableLine = (signature: string) =>
  `ACPI: ${signature} 0x000000008B8A90A8 0000D4 (v01 ALASKA A M I    01072009 AMI  00010013)`
const REMAPPED = [
  'DMAR: Host address width 39',
  'DMAR: DRHD base: 0x000000fed91000 flags: 0x1',
  'DMAR-IR: Enabled IRQ remapping in x2apic mode',
]
const GROUPS = ['pci 0000:00:02.0: Adding to iommu group 1', 'pci 0000:01:00.0: Adding to iommu group 7']
const INTERRUPTS = `           CPU0       CPU1
  8:          0          0  IR-IO-APIC    8-edge      rtc0
125:          0     123456  IR-PCI-MSI-0000:01:00.0    0-edge      enp1s0f0
126:          0          5  IR-PCI-MSI-0000:00:02.0    0-edge      i915
NMI:          0          0   Non-maskable interrupts
`
const LISTING = `00:02.0 VGA compatible controller [0300]: Intel Corporation UHD Graphics 630 [8086:3e92]
01:00.0 Ethernet controller [0200]: Intel Corporation I350 Gigabit Network Connection [8086:1521] (rev 01)
`

interface Log {
  readonly words?: string
  readonly maker?: string
  readonly tables?: readonly string[]
  readonly after?: readonly string[]
}

/** A log of a start from its first line on, as `dmesg` prints it. */
function log({
  words = 'ro intel_iommu=on',
  maker = 'Gigabyte Technology Co., Ltd. B360M D3H/B360M',
  tables = [...TABLES, 'DMAR'].map(tableLine),
  after = [...REMAPPED, ...GROUPS],
}: Log): string {
  const messages = [
    'Linux version 6.8.12-4-pve (build@host) #1 SMP PREEMPT_DYNAMIC',
    `Command line: BOOT_IMAGE=/boot/vmlinuz ${words}`,
    'BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] usable',
    `DMI: ${maker}, BIOS F13 06/14/2019`,
    'ACPI: Early table checksum verification disabled',
    ...tables,
    'ACPI: Local APIC address 0xfee00000',
    'Memory: 16268280K/16665044K available',
    ...after,
  ]
  return messages.map((message, at) => `[    0.${String(100000 + at)}] ${message}\n`).join('')
}

const reportOf = (...texts: readonly string[]) =>
  buildReport(probeMachine(readText(Buffer.from(texts.join('\n'))).sysroot))
const verdictOf = (...texts: readonly string[]) => reportOf(...texts).summary.verdict
const nextOf = async (...texts: readonly string[]) => {
  const file = join(directory, 'post.txt')
  writeFileSync(file, texts.join('\n'))
  const { nextPiece } = buildReport(probeMachine((await openMachine({ evidence: [file] })).sysroot))
  return nextPiece === undefined || nextPiece === 'none' ? nextPiece : nextPiece.command
}

describe('a whole log of an x86 machine with remapping on', () => {
  test('decides with the interrupts in use, and asks for them', async () => {
    expect(verdictOf(LISTING, log({}))).toBe('unknown')
    expect(await nextOf(LISTING, log({}))).toBe('cat /proc/interrupts')
    const report = reportOf(LISTING, log({}), INTERRUPTS)
    expect(report.devices.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ['isolated-with-caveats', 'x86-remapped'],
      ['isolated-with-caveats', 'x86-remapped'],
    ])
    // A log that names no hypervisor does not rule one out that hides itself.
    expect(report.platform.virtualized).toBe('unknown')
    expect(await nextOf(LISTING, log({}), INTERRUPTS)).toBe('sudo lspci -nnvvvxxxx')
  })

  test.each([
    ['a function without a group', log({ after: REMAPPED })],
    ['no line of remapping', log({ after: GROUPS })],
    ['only a part of the log, without the command line', log({}).split('\n').slice(4).join('\n')],
  ])('does not with %s', (_, text) => {
    expect(verdictOf(LISTING, text, INTERRUPTS)).toBe('unknown')
  })

  test('does not with the rows of interrupts that somebody searched for, but is held to them', () => {
    const rows = (text: string) => text.split('\n').slice(1, 4).join('\n')
    expect(verdictOf(LISTING, log({}), rows(INTERRUPTS))).toBe('unknown')
    expect(verdictOf(LISTING, log({}), rows(INTERRUPTS.replaceAll('IR-', '')))).not.toMatch(/^isolated/)
    expect(verdictOf(LISTING, rows(INTERRUPTS).replaceAll('IR-', ''))).toBe('not-isolated')
  })

  test('is held to every word against it', () => {
    const off = 'DMAR-IR: [Firmware Bug]: ioapic 2 has no mapping iommu, interrupt remapping will be disabled'
    expect(verdictOf(LISTING, log({ after: [...REMAPPED, ...GROUPS, off] }), INTERRUPTS)).toBe('not-isolated')
    expect(verdictOf(LISTING, log({ words: 'ro intremap=off' }), INTERRUPTS)).toBe('not-isolated')
    const unchecked = reportOf(LISTING, log({ words: 'ro intremap=nosid' }), INTERRUPTS)
    expect(unchecked.findings.map(({ rule }) => rule)).toContain('IR004')
    expect(unchecked.summary.verdict).not.toBe('isolated')
    expect(verdictOf(LISTING, log({}), INTERRUPTS.replaceAll('IR-', ''))).not.toMatch(/^isolated/)
  })

  test.each([
    ['a maker that is a hypervisor', log({ maker: 'QEMU Standard PC (Q35 + ICH9, 2009)' })],
    ['a product that is a hypervisor’s', log({ maker: 'Microsoft Corporation Virtual Machine/Virtual Machine' })],
    ['a hypervisor that was detected', log({ after: ['Hypervisor detected: KVM', ...REMAPPED, ...GROUPS] })],
  ])('of %s is a guest', (_, text) => {
    expect(reportOf(LISTING, text, INTERRUPTS).platform.virtualized).toBe('yes')
  })
})

describe('the list of ACPI tables that a kernel prints', () => {
  const NONE = { after: [] }

  test('tells that there is neither a DMAR nor an IVRS', () => {
    const report = reportOf(LISTING, log({ ...NONE, tables: TABLES.map(tableLine) }))
    expect(report.devices.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ['not-isolated', 'no-iommu'],
      ['not-isolated', 'no-iommu'],
    ])
    expect(JSON.stringify(report.findings)).toContain('neither a DMAR nor an IVRS')
  })

  test('leaves one step of a machine without them, the concrete one', () => {
    const machine = probeMachine(
      readText(Buffer.from(LISTING + log({ ...NONE, tables: TABLES.map(tableLine) }))).sysroot,
    )
    const [, steps = ''] = renderHumanProbe(buildReport(machine), { columns: 80, colorLevel: 0, all: true }).split(
      '\nWhat to do\n',
    )
    const [list = ''] = steps.split('\n\n')
    expect(list).toMatch(/^ {2}1\. \[firmware\] Turn VT-d or AMD-Vi/)
    expect(list).not.toMatch(/^ {2}2\. /m)
    const explained = renderHumanExplain(explainDevice(analyse(machine), '0000:01:00.0'), {
      columns: 80,
      colorLevel: 0,
      all: true,
    })
    expect(explained).toContain('[firmware] Turn VT-d or AMD-Vi')
    expect(explained).not.toContain('Look in the firmware setup')
  })

  test.each([
    ['has a DMAR', log(NONE)],
    ['lost its beginning', log({ ...NONE, tables: TABLES.slice(2).map(tableLine) })],
    ['lacks what every machine has', log({ ...NONE, tables: TABLES.filter((one) => one !== 'APIC').map(tableLine) })],
    ['has a gap', log({ ...NONE, tables: TABLES.map(tableLine) }).replace(/^.*MCFG.*$/m, '[...]')],
    [
      'is cut',
      log({ ...NONE, tables: TABLES.map(tableLine) })
        .split('\n')
        .slice(0, 10)
        .join('\n'),
    ],
    [
      'is of a log that was searched',
      log({ ...NONE, tables: TABLES.map(tableLine) })
        .split('\n')
        .slice(2)
        .join('\n'),
    ],
    ['is what Xen shows', log({ ...NONE, tables: [...TABLES, 'XMAR'].map(tableLine) })],
    [
      'grows later',
      log({ tables: TABLES.map(tableLine), after: ['ACPI: Table Upgrade: install [DMAR-INTEL -EDK2    ]'] }),
    ],
  ])('says nothing of a missing table where it %s', (_, text) => {
    expect(verdictOf(LISTING, text)).toBe('unknown')
  })
})

describe('an IO-APIC that the IVRS does not name, by the log alone', () => {
  const UNNAMED = ['AMD-Vi: [Firmware Bug]: : IOAPIC[32] not in IVRS table']
  const NO_SOUTHBRIDGE = 'AMD-Vi: [Firmware Bug]: : No southbridge IOAPIC found'
  const OFF = 'AMD-Vi: Disabling interrupt remapping'
  const remedyOf = (after: readonly string[]) =>
    reportOf(LISTING, log({ after: [...after, OFF] })).findings.find(({ rule }) => rule === 'IR108')?.remedy

  test('is the one of the southbridge where that one and no other is missing', () => {
    expect(remedyOf([...UNNAMED, NO_SOUTHBRIDGE])).toContain('ivrs_ioapic=32@0000:00:14.0')
  })

  test.each([
    ['the southbridge has one', UNNAMED],
    ['two are missing', [...UNNAMED, UNNAMED[0]?.replace('32', '33') ?? '', NO_SOUTHBRIDGE]],
  ])('is not told apart where %s', (_, after) => {
    expect(remedyOf(after)).toContain('from the vendor')
    expect(remedyOf(after)).not.toMatch(/ivrs_ioapic=3[23]@/)
  })
})
