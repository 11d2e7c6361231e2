import { expect, it } from 'vitest'
import { foldFindings } from '../../../../src/report/lint/fold-findings.js'
import { finding } from '../../render/report-sample.js'

const at = (rule: string, source: string, locator: string) => ({
  ...finding(rule),
  subject: locator,
  evidence: [{ source, locator, value: '' }],
})

it('puts findings of one rule in one file together, whatever stands between them', () => {
  const folded = foldFindings([
    at('IR213', '/IORT', 'offset 0x48, 20 bytes'),
    at('IR201', '/IORT', 'offset 0x4, 1 bytes'),
    at('IR213', '/IORT', 'offset 0x98, 20 bytes'),
    at('IR213', '/other/IORT', 'offset 0x48, 20 bytes'),
  ])
  expect(folded.map(({ first, more }) => [first.rule, first.subject, more.map(({ subject }) => subject)])).toEqual([
    ['IR213', 'offset 0x48, 20 bytes', ['offset 0x98, 20 bytes']],
    ['IR201', 'offset 0x4, 1 bytes', []],
    ['IR213', 'offset 0x48, 20 bytes', []],
  ])
})

it('keeps apart what differs in severity, outcome or remedy, and what has no place', () => {
  const one = at('IR213', '/IORT', 'offset 0x48, 20 bytes')
  expect(foldFindings([one, { ...one, severity: 'low' as const }, { ...one, remedy: 'Another.' }])).toHaveLength(3)
  expect(foldFindings([finding('IR003'), finding('IR003')].map((each) => ({ ...each, evidence: [] })))).toHaveLength(2)
})
