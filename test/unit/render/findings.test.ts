import { probeFirmware } from '../../../src/probes/firmware-machine.js'
import { sysrootNamed } from '../../support/whole-machines.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { assert, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Log } from 'sarif'
import { machineFromFiles } from '../../../src/probes/firmware-files.js'
import { analyse } from '../../../src/report/probe/build.js'
import { findingsOfLint, findingsOfProbe, type FindingsDocument } from '../../../src/report/lint/findings-document.js'
import { jsonSchemaOf } from '../../../src/schemas/published-schemas.js'
import { lintFirmware } from '../../../src/report/lint/lint.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { renderJunit, xmlText } from '../../../src/render/formats/junit.js'
import { renderLintText } from '../../../src/render/lint/lint-text.js'
import { renderSarif } from '../../../src/render/formats/sarif.js'
import { its, lintTables, mapped, nodes, rootComplex, smmu, tableFiles } from '../rules/firmware-tables.js'
import { arm, sysrootOf } from '../rules/metal.js'

const PLAIN = { columns: 100, colorLevel: 0, all: false } as const
const dangling = nodes(its(), smmu(), mapped({ output: 0x7ff0 }))

function sarifOf(document: FindingsDocument): Log {
  // The renderer's own type; a test below holds parts of it to literals.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return JSON.parse(renderSarif(document)) as Log
}

/** What an element is: the text between its tags, or its attributes. */
const testCase = (xml: string, rule: string) =>
  new RegExp(`    <testcase [^>]*name="${rule} [^>]*?(?:/>|>[\\s\\S]*?</testcase>)`).exec(xml)?.[0] ?? ''

describe('SARIF', () => {
  const log = sarifOf(findingsOfLint(lintTables(dangling)))
  const [run] = log.runs

  it('holds every rule that ran, and its findings by index', () => {
    expect(log.version).toBe('2.1.0')
    const rules = run?.tool.driver.rules ?? []
    const result = run?.results?.find(({ ruleId }) => ruleId === 'IR203')
    expect(rules[result?.ruleIndex ?? -1]).toMatchObject({
      id: 'IR203',
      name: 'DanglingReference',
      defaultConfiguration: { level: 'error' },
    })
    expect(rules.map(({ id }) => id)).toEqual(rules.map(({ id }) => id).toSorted())
  })

  it('says where, in bytes of the file', () => {
    const result = run?.results?.find(({ ruleId }) => ruleId === 'IR203')
    expect(result).toMatchObject({
      kind: 'fail',
      level: 'error',
      locations: [
        {
          physicalLocation: { artifactLocation: { uri: 'IORT' }, region: { byteOffset: 0xc8, byteLength: 20 } },
          logicalLocations: [{ fullyQualifiedName: 'IORT node 0xa0' }],
        },
      ],
      partialFingerprints: { 'intremapFinding/v1': 'IR203|fail|IORT node 0xa0|IORT@200' },
    })
    expect(result?.message.text).toMatch(/^Mapping 0 .* past the end of the table\. Linux does not check references/)
    expect(run?.artifacts).toContainEqual({ location: { uri: 'IORT' } })
  })

  it('keeps fingerprints where only words change', () => {
    const prints = (release: string) =>
      sarifOf(findingsOfLint(lintTables(nodes(its(), smmu(), mapped({ idCount: 0x10000, output: 'smmu' })), release)))
        .runs.flatMap(({ results }) => results ?? [])
        .map(({ partialFingerprints }) => partialFingerprints)
    expect(prints('6.12')).toEqual(prints('5.8'))
    expect(prints('6.12').length).toBeGreaterThan(0)
  })

  it('has what could not be told as open, never as passed', () => {
    const untold = sarifOf(findingsOfLint(lintTables({ madt: null })))
    const result = untold.runs[0]?.results?.find(({ ruleId }) => ruleId === 'IR207')
    expect(result).toMatchObject({ kind: 'open', level: 'none' })
    expect(result?.message.text).toBe('There is no MADT among the files, so this cannot be told.')
  })

  it('writes paths as URIs', () => {
    const files = tableFiles(dangling).map(({ path, bytes }) => ({ path: `/tmp/my tables/${path}#1`, bytes }))
    const uris = sarifOf(findingsOfLint(lintFirmware(machineFromFiles(files)))).runs[0]?.artifacts
    expect(uris).toEqual([{ location: { uri: 'file:///tmp/my%20tables/IORT%231' } }])
  })

  it('is made of a probe as well', () => {
    const machine = arm({ acpi: { iort: { nodes: [its(), smmu(), rootComplex(), rootComplex({ name: 'two' })] } } })
    const { report, evaluation } = analyse(probeMachine(sysrootOf({ machine })))
    const document = findingsOfProbe(report, evaluation)
    const results = sarifOf(document).runs[0]?.results ?? []
    expect(results).toHaveLength(report.findings.length)
    const second = results.find(({ ruleId }) => ruleId === 'IR216')
    expect(second?.locations?.[0]?.physicalLocation?.artifactLocation?.uri).toBe(
      'file:///sys/firmware/acpi/tables/IORT',
    )
    const xml = renderJunit(document)
    expect(testCase(xml, 'IR216')).toContain('<failure type="medium"')
    expect(testCase(xml, 'IR290')).toContain('<skipped message="There is nothing here')
  })
})

describe('JUnit', () => {
  it('has one test case a rule: failed, passed, skipped with a reason', () => {
    const report = lintTables({ ...dangling, madt: null })
    const xml = renderJunit(findingsOfLint(report))
    expect(xml).toContain(`<property name="version" value="${report.tool.version}"/>`)
    expect(xml.match(/<testcase /g)).toHaveLength(report.rules.length)
    const failed = testCase(xml, 'IR203')
    expect(failed).toContain('<failure type="high" message="Mapping 0 of the root complex')
    expect(failed).toContain('IORT offset 0xc8: input base 0x0')
    expect(testCase(xml, 'IR204')).toMatch(/\/>$/)
    expect(testCase(xml, 'IR207')).toContain(
      '<skipped message="There is no MADT among the files, so this cannot be told."/>',
    )
    const counted = /tests="(\d+)" failures="(\d+)" errors="0" skipped="(\d+)"/.exec(xml)?.slice(1).map(Number)
    const skipped = report.rules.filter(({ outcome }) => outcome === 'unknown' || outcome === 'not-applicable')
    expect(counted).toEqual([report.rules.length, 1, skipped.length])
  })

  it('fails what fails the run, and only that', () => {
    const report = lintTables(nodes(its(), smmu(), mapped({ ids: 0x200, output: 'smmu' })))
    expect(testCase(renderJunit(findingsOfLint(report, 'medium')), 'IR210')).not.toContain('<failure')
    expect(testCase(renderJunit(findingsOfLint(report, 'medium')), 'IR210')).toContain('<system-out>low ')
    expect(testCase(renderJunit(findingsOfLint(report, 'low')), 'IR210')).toContain('<failure type="low"')
    expect(renderJunit(findingsOfLint(report, 'never'))).not.toContain('<failure')
  })

  it('lets no text out of its element', () => {
    expect(xmlText(`<a b="c">&'\u0000\u001b\u202e\ud800\uffff`)).toBe(
      '&lt;a b=&quot;c&quot;&gt;&amp;&apos;\\u{0}\\u{1b}\\u{202e}\\u{d800}\\u{ffff}',
    )
    assert(
      property(string({ unit: 'binary' }), (text) => {
        expect(xmlText(text)).not.toMatch(/[<>"'\u0000-\u001f\u007f-\u009f\ufffe\uffff]|&(?!(?:amp|lt|gt|quot|apos);)/)
      }),
    )
    const hostile = '\\_SB_.]]></failure>\u0001'
    const component = {
      type: 'named-component',
      revision: 4,
      objectName: hostile,
      mappings: [{ output: 0x7ff0 }],
    } as const
    const xml = renderJunit(findingsOfLint(lintTables(nodes(its(), smmu(), rootComplex(), component))))
    expect(xml).toContain(']]&gt;&lt;/failure&gt;')
    expect(xml).not.toContain(']]></failure>\\')
  })
})

/** The words alone, whatever the width. */
const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ')

describe('lint for people and for programs', () => {
  it('JSON follows its schema', () => {
    const valid = new Ajv2020().compile(jsonSchemaOf('lint', true))
    for (const tables of [{}, dangling, { madt: null }]) {
      expect(valid(JSON.parse(JSON.stringify(lintTables(tables)))), JSON.stringify(valid.errors)).toBe(true)
    }
  })

  it('a table that nobody could read is no all-clear', async () => {
    const machine = await sysrootNamed('arm-v3its-topo-acpi-612')
    if (!machine) throw new Error('the machine is gone')
    const denied = machine.withChanges(
      ['IORT', 'APIC', 'MCFG'].map(
        (table) => [`sys/firmware/acpi/tables/${table}`, { kind: 'unreadable', reason: 'permission' }] as const,
      ),
    )
    const report = lintFirmware(probeFirmware(denied))
    expect(report.exitCode).toBe(3)
    expect(lintFirmware(probeFirmware(denied), { failOn: 'never' }).exitCode).toBe(0)
    const text = oneLine(renderLintText(report, PLAIN))
    expect(text).toMatch(/^Cannot be judged: a table that is there cannot be read\./)
    expect(text).not.toContain('Nothing to complain about')
    expect(text).toContain('Run intremap as root')
    expect(lintFirmware(probeFirmware(machine)).exitCode).toBe(0)
  })

  it('text names place, clause, Linux and remedy', () => {
    const text = oneLine(renderLintText(lintTables(dangling, '6.12'), PLAIN))
    expect(text).toMatch(/^1 finding: 1 high\. .*judged for Linux 6\.12\. HIGH IR203 IORT node 0xa0 Mapping 0 of the /)
    for (const part of [
      'has the output reference 0x7ff0, past the end of the table. ',
      ' Linux Linux does not check references: it takes the bytes at that offset for a node. ',
      ' At 0xc8: ',
      ' Clause Arm DEN 0049, IO Remapping Table: ID mapping format: output reference',
      ' Remedy Set the output reference to the offset of the target node from the start of the table. (firmware)',
    ]) {
      expect(text).toContain(part)
    }
  })

  it('says what it could not judge, and which table is missing', () => {
    const text = oneLine(renderLintText(lintTables({ madt: null, mcfg: null }), PLAIN))
    expect(text).toMatch(/^Nothing to complain about\. /)
    expect(text).toMatch(
      / Not judged There is no MADT .*among the files, so this cannot be told\. \(IR207, IR208, IR209\)/,
    )
    expect(text).toMatch(/ There is no MCFG .*among the files, so this cannot be told\. \(IR217\)/)
  })

  it('keeps captured text off the terminal', () => {
    const component = {
      type: 'named-component',
      revision: 4,
      objectName: '\u001b[31mX',
      mappings: [{ output: 0x7ff0 }],
    } as const
    const text = renderLintText(lintTables(nodes(its(), smmu(), rootComplex(), component)), PLAIN)
    expect(text).not.toContain('\u001b')
    expect(text).toContain('X')
  })
})
