import { beforeAll, describe, expect, test } from 'vitest'
import { GLOSSARY, KNOWN_NAMES } from '../../../../src/render/terms/glossary.js'
import { Expansions, expandFirstUses } from '../../../../src/render/terms/expansions.js'
import { renderHumanCheck } from '../../../../src/render/probe/human-check.js'
import { renderHumanExplain } from '../../../../src/render/explain/human-explain.js'
import { renderHumanProbe } from '../../../../src/render/probe/human-probe.js'
import { renderHumanRule } from '../../../../src/render/rules/human-rule.js'
import { renderLintText } from '../../../../src/render/lint/lint-text.js'
import { renderHumanRules } from '../../../../src/render/rules/human-rules.js'
import { probeFirmware } from '../../../../src/probes/firmware-machine.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { analyse, type Analysis } from '../../../../src/report/probe/build.js'
import { explainDevice } from '../../../../src/report/explain/explain.js'
import type { LintReport } from '../../../../src/report/lint/lint-report.js'
import { lintFirmware } from '../../../../src/report/lint/lint.js'
import { ruleCatalogue } from '../../../../src/report/catalogue/rule-catalogue.js'
import { rules } from '../../../../src/rules/registry.js'
import { machineNames, MACHINES_FROM, sysrootNamed } from '../../../support/whole-machines.js'
import { unexplained, unknownOrExpanded } from './acronyms.js'
import { PLAIN } from '../report-sample.js'

const ALL = { ...PLAIN, all: true }

describe('expansion', () => {
  test('stands at the first use only', () => {
    expect(expandFirstUses('The ITS and the SMMU; the ITS.')).toBe(
      'The ITS (interrupt translation service) and the SMMU (system memory management unit); the ITS.',
    )
  })
  test('goes with plurals, versions and brackets', () => {
    expect(expandFirstUses('MSIs')).toBe('MSIs (message signaled interrupts)')
    expect(expandFirstUses('an SMMUv3, then an SMMU')).toBe('an SMMUv3 (system memory management unit), then an SMMU')
    expect(expandFirstUses('units (SMMU, VT-d)')).toBe('units (SMMU = system memory management unit, VT-d)')
    expect(expandFirstUses('MSI-X')).toBe('MSI-X (extended message signaled interrupt)')
  })
  test('leaves names alone: paths, chips, quoted text, longer words', () => {
    const names =
      '/sys/firmware/acpi/tables/IORT ITS-PCI-MSIX-0000:00:02.0 "No VFIO IOMMU here" XITS ITSX config:IORT MSI_IOVA'
    expect(expandFirstUses(names)).toBe(names)
  })
  test('a table is explained before it', () => {
    const expansions = new Expansions()
    expect(expansions.prose('an ITS')).toBe('an ITS (interrupt translation service)')
    expect(expansions.caption('SMMU and ITS\nno IOMMU')).toBe(
      'SMMU: system memory management unit; IOMMU: I/O memory management unit',
    )
    expect(expansions.caption('SMMU and ITS')).toBeUndefined()
  })
})

test('the checker of default screens complains', () => {
  expect(unknownOrExpanded('An ITS and an XYZ.')).toEqual(['XYZ is in no glossary'])
  expect(unknownOrExpanded('An ITS (interrupt translation service).')).toEqual(['ITS (interrupt translation service'])
})

describe('the checker complains', () => {
  test.each([
    ['The ITS looks it up.', ['ITS is used before it is expanded']],
    ['The ITS looks it up; ITS (interrupt translation service).', ['ITS is used before it is expanded']],
    ['An XYZ is there.', ['XYZ is in no glossary']],
    ['An ITS (interrupt translation service) is an ITS.', []],
    ['ITS: interrupt translation service; SMMU: system memory\n  management unit', []],
    ['says "the ITS" of /x/IORT', []],
  ])('%s', (text, expected) => {
    expect(unexplained(text).map((complaint) => complaint.replace(/: \.\.\..*/, ''))).toEqual(expected)
  })
})

test('no spelling stands twice, and no known name is an acronym too', () => {
  const forms = GLOSSARY.flatMap((term) => term.forms)
  expect(new Set(forms).size).toBe(forms.length)
  expect(forms.filter((form) => KNOWN_NAMES.has(form))).toEqual([])
})

describe('rules', () => {
  const catalogue = ruleCatalogue(rules)
  test('the catalogue names its acronyms', () => {
    expect(unknownOrExpanded(renderHumanRules(catalogue, PLAIN))).toEqual([])
  })
  test.each(catalogue.rules)('$id', (rule) => {
    const page = renderHumanRule(rule, PLAIN)
    // Titles and symbols of what is referred to are names.
    expect(unexplained(page.slice(0, page.indexOf('References')))).toEqual([])
  })
})

describe.each(machineNames)(`%s (${MACHINES_FROM})`, (name) => {
  let analysis: Analysis
  let lint: LintReport
  beforeAll(async () => {
    const sysroot = await sysrootNamed(name)
    if (!sysroot) throw new Error(`${name} is gone`)
    analysis = analyse(probeMachine(sysroot))
    lint = lintFirmware(probeFirmware(sysroot))
  })
  test('probe expands its acronyms at their first use, where all is asked for', () => {
    expect(unknownOrExpanded(renderHumanProbe(analysis.report, PLAIN))).toEqual([])
    expect(unexplained(renderHumanProbe(analysis.report, ALL))).toEqual([])
  })
  test('lint does', () => {
    expect(unknownOrExpanded(renderLintText(lint, PLAIN))).toEqual([])
    expect(unexplained(renderLintText(lint, ALL))).toEqual([])
  })
  test('check does, for every device', () => {
    const complaints = analysis.report.devices.flatMap((device) =>
      unknownOrExpanded(renderHumanCheck({ ...analysis.report, devices: [device] }, PLAIN)),
    )
    expect(complaints).toEqual([])
  })
  test('explain does, for a device of every kind', () => {
    const kinds = new Map(
      analysis.report.devices.map((device) => {
        const { role, verdict, reason, findings, chain, obstacles } = device
        const kind = [role, verdict, reason, findings, chain.iommu.kind, chain.msiController.kind, obstacles]
        return [JSON.stringify(kind), device] as const
      }),
    )
    const complaints = [...kinds.values()].flatMap(({ address }) => {
      const explanation = explainDevice(analysis, address)
      return [
        ...unknownOrExpanded(renderHumanExplain(explanation, PLAIN)),
        ...unexplained(renderHumanExplain(explanation, ALL)),
      ].map((complaint) => `${address}: ${complaint}`)
    })
    expect(complaints).toEqual([])
  })
})
