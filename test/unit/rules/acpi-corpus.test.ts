import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { machineFromFiles } from '../../../src/probes/firmware-files.js'
import type { NamedBytes } from '../../../src/sysroot/firmware-source.js'
import { lintFirmware } from '../../../src/report/lint/lint.js'
import type { LintFinding, LintReport } from '../../../src/report/lint/lint-report.js'
import { CORPUS, hasCorpus } from '../../support/outside.js'

const LAPTOPS = 'aarch64-laptops'
const QEMU = 'qemu-tests/virt-10.2.2'

/** Damaged before they were published: their own test is below. */
const DAMAGED = ['lenovo-flex-5g', 'microsoft-surface-pro-12-in', 'microsoft-surface-romulus13_and_15']

/** Files of one machine; in the folder of QEMU's tests those with one ending. */
function machines(): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, readonly string[]>()
  if (!hasCorpus) return all
  const tables = (folder: string) =>
    readdirSync(join(CORPUS, folder))
      .filter((name) => /^(?:iort|apic|mcfg)\.dat$/.test(name))
      .map((name) => `${folder}/${name}`)
  for (const laptop of readdirSync(join(CORPUS, LAPTOPS)).sort()) {
    if (!DAMAGED.includes(laptop)) all.set(laptop, tables(`${LAPTOPS}/${laptop}`))
  }
  all.set('ampere_ava_1', tables('niyas-sait-acpi/ampere_ava_1'))
  all.set('honeycomb-lx2160a', ['niyas-sait-acpi/honeycomb-lx2160a/acpidump.txt'])
  all.set('radxa-orion-o6', tables('orion-o6/radxa-orion-o6'))
  all.set('sbsa-ref', ['sbsa-ref-acpiview/edk2-2024-10-14/acpiview-excerpt.txt'])
  all.set('qemu virt', [`${QEMU}/IORT`, `${QEMU}/APIC`, `${QEMU}/MCFG`])
  all.set('qemu virt its_off', [`${QEMU}/IORT.its_off`, `${QEMU}/APIC.its_off`, `${QEMU}/MCFG`])
  all.set('qemu virt smmuv3-legacy', [`${QEMU}/IORT.smmuv3-legacy`, `${QEMU}/MCFG`])
  all.set('qemu virt topology', [`${QEMU}/APIC.topology`, `${QEMU}/MCFG`, `${QEMU}/VIOT`])
  return all
}

function lint(paths: readonly string[], kernelRelease?: string): LintReport {
  const files: NamedBytes[] = paths.map((path) => ({ path, bytes: Uint8Array.from(readFileSync(join(CORPUS, path))) }))
  return lintFirmware(machineFromFiles(files), kernelRelease === undefined ? {} : { kernelRelease })
}

const bad = ({ severity, outcome }: LintFinding) =>
  outcome === 'fail' && ['critical', 'high', 'medium'].includes(severity)

const NO_STREAM_ID =
  'The inputs start at 0x87030000, as another operating system numbers them; Linux looks up 16-bit RequesterIDs and finds none, so PCI functions have no IOMMU group.'
const NO_NODE =
  'MCFG has segments for which there is no root complex node: iort_find_dev_node finds nothing, functions there have neither StreamID nor ITS.'
const ROOT_BUS_ONLY =
  'MCFG lets buses up to 0xff be numbered, and the mappings hold ids of the root bus alone: whatever is behind a bridge has neither StreamID nor DeviceID.'

/** Machine, rule, node, and what Linux does with it and why it is right to say so. */
const REVIEWED: readonly (readonly [machine: string, rule: string, node: string, why: string])[] = [
  ['acer-aspire-1', 'IR217', 'IORT segment 0, 1, 2, 3', NO_NODE],
  ['huawei-matebooke-2019', 'IR210', 'IORT node 0x350', NO_STREAM_ID],
  ['lenovo-yoga-c630', 'IR210', 'IORT node 0x350', NO_STREAM_ID],
  ['microsoft-surface-prox', 'IR210', 'IORT node 0x570', NO_STREAM_ID],
  ['microsoft-surface-prox', 'IR217', 'IORT segment 1, 2, 3', NO_NODE],
  ['samsung-galaxy-book-go-5g', 'IR210', 'IORT node 0x570', NO_STREAM_ID],
  ['samsung-galaxy-book-go-5g', 'IR217', 'IORT segment 1, 2, 3', NO_NODE],
  ['honeycomb-lx2160a', 'IR210', 'IORT node 0x80c', ROOT_BUS_ONLY],
  ['honeycomb-lx2160a', 'IR210', 'IORT node 0xab0', ROOT_BUS_ONLY],
  [
    'qemu virt',
    'IR209',
    'IORT node 0x30',
    'The two files are of different test runs (SOURCES.md): this IORT names ITS 0, that MADT has a GICv2m frame, and Linux would give PCI functions the frame.',
  ],
  ['qemu virt its_off', 'IR210', 'IORT node 0x74', ROOT_BUS_ONLY],
]

describe(`firmware of real machines${hasCorpus ? '' : ' (no corpus)'}`, () => {
  it.skipIf(!hasCorpus)('findings of medium or above are those that were reviewed', () => {
    const all = machines()
    expect(all.size).toBe(19)
    const found = [...all].flatMap(([machine, paths]) => {
      expect(paths.length, machine).toBeGreaterThan(0)
      return lint(paths)
        .findings.filter(bad)
        .map(({ rule, node }) => [machine, rule, node])
    })
    expect(found).toEqual(REVIEWED.map(([machine, rule, node]) => [machine, rule, node]))
  })

  it.skipIf(!hasCorpus)('with Linux 5.4 the machine whose ranges hold one ID each is one more', () => {
    const found = [...machines()].flatMap(([machine, paths]) =>
      lint(paths, '5.4.286')
        .findings.filter((finding) => finding.rule === 'IR212' && bad(finding))
        .map(({ summary }) => [machine, summary]),
    )
    // 11 of 12 mappings of RequesterIDs and StreamIDs have the count field 0: iort_id_map of 5.4 matches none of them.
    expect(found).toEqual([
      [
        'honeycomb-lx2160a',
        'The table is as specified, but each of its 12 ranges loses its last ID, and 11 of them hold only one.',
      ],
    ])
  })

  it.skipIf(!hasCorpus)('Ampere Altra: unused ITSs and SMMUs that share DeviceIDs with RequesterID 0 are low', () => {
    const { findings, exitCode } = lint(machines().get('ampere_ava_1') ?? [])
    expect(exitCode).toBe(0)
    expect(findings.filter(({ rule }) => rule === 'IR208').map(({ summary }) => summary)).toEqual([
      'ITS 2 of the MADT is in no ITS group of the IORT.',
      'ITS 5 of the MADT is in no ITS group of the IORT.',
    ])
    expect(findings.find(({ rule }) => rule === 'IR214')?.summary).toBe(
      'The SMMUv3 at 0x210 and the root complex of segment 12 at 0xc0 both use the DeviceIDs 0x0 at ITS 0, one of them for its own MSIs.',
    )
  })
})

describe.skipIf(!hasCorpus)(`damaged inputs${hasCorpus ? '' : ' (no corpus)'}`, () => {
  const of = (machine: string) => ['iort', 'apic', 'mcfg'].map((table) => `${LAPTOPS}/${machine}/${table}.dat`)
  const told = (report: LintReport) =>
    report.findings.filter(({ rule }) => rule === 'IR201').map(({ path, offset, summary }) => [path, offset, summary])

  it('an empty table beside sound ones', () => {
    const report = lint(of('lenovo-flex-5g'))
    expect(told(report)).toEqual([[`${LAPTOPS}/lenovo-flex-5g/apic.dat`, '0x0', 'the input is empty.']])
    expect(report.findings.filter(bad).map(({ rule }) => rule)).toEqual(['IR201', 'IR210', 'IR217'])
    expect(report.exitCode).toBe(1)
  })

  it('bytes above 0x7f replaced: what that did, and nothing made of what is missing', () => {
    const report = lint(of('microsoft-surface-pro-12-in'))
    const iort = `${LAPTOPS}/microsoft-surface-pro-12-in/iort.dat`
    expect(told(report).filter(([path]) => path === iort)).toEqual([
      [iort, '0x4', 'IORT: the header claims 347979759 bytes, the file has 5752.'],
      [iort, '0x4', expect.stringMatching(/^IORT: \d+ times the bytes ef bf bd \(U\+FFFD\)/)],
      [iort, '0x1e0000', 'IORT: the table ends at 0x1e0000, after 0 of 85327 nodes.'],
    ])
    expect(report.findings.filter(bad).every(({ rule }) => rule === 'IR201')).toBe(true)
  })

  it('wrong checksums: medium, and everything behind them judged', () => {
    const report = lint(of('microsoft-surface-romulus13_and_15'))
    expect(told(report).map(([path, offset]) => [path, offset])).toEqual(
      of('microsoft-surface-romulus13_and_15').map((path) => [path, '0x9']),
    )
    const sound = lint(of('microsoft-surface-pro-11'))
    const judged = (one: LintReport) => one.rules.filter(({ rule }) => rule !== 'IR201')
    expect(judged(report)).toEqual(judged(sound))
  })

  it('text in place of a table', () => {
    const report = lintFirmware(
      machineFromFiles([
        { path: 'iort.dat', bytes: new TextEncoder().encode('<html>404</html>\n') },
        { path: 'apic.dat', bytes: Uint8Array.from(readFileSync(join(CORPUS, of('lenovo-yoga-c630')[1] ?? ''))) },
      ]),
    )
    expect(told(report)).toEqual([
      ['iort.dat', '0x0', 'no table: neither a binary table nor text of acpidump, iasl, acpiview, xxd or hexdump.'],
    ])
  })
})
