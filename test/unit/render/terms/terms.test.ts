import { describe, expect, test } from 'vitest'
import { loggedMessage, questionWords } from '../../../../src/report/catalogue/term-sources.js'
import { FOUNDING_QUESTIONS } from '../../../../src/report/explain/questions/founding-questions.js'
import { KERNEL_LOG_MESSAGES } from '../../../../src/kernel-log/messages.js'
import { REASONS } from '../../../../src/rules/verdict.js'
import { GLOSSARY } from '../../../../src/render/terms/glossary.js'
import { renderHumanTerm } from '../../../../src/render/terms/human-term.js'
import { MEANINGS } from '../../../../src/render/terms/term-meanings.js'
import { termNamed, TERMS } from '../../../../src/render/terms/terms.js'
import { PLAIN } from '../report-sample.js'

test('every acronym of the glossary has a meaning, and none has one without an entry', () => {
  expect(Object.keys(MEANINGS).sort()).toEqual(GLOSSARY.flatMap(({ forms }) => forms.slice(0, 1)).sort())
})

test('every term is found by each of its forms, has words, and fits 80 columns', () => {
  for (const { term, forms, means } of TERMS) {
    expect(means, term).toMatch(/^.{10}.*\.$/)
    for (const form of forms) expect(termNamed(form)?.forms, form).toContain(form)
  }
  for (const entry of TERMS) {
    for (const line of renderHumanTerm(entry, PLAIN).split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
  }
})

test('every reason of the contract is a term', () => {
  expect(REASONS.filter((reason) => termNamed(reason)?.kind !== 'reason' && reason !== 'unreadable')).toEqual([])
})

describe('a term in other words', () => {
  test.each([
    ['its', 'ITS', 'acronym'],
    ['MSIs', 'MSI', 'acronym'],
    ['GICv3', 'GIC', 'acronym'],
    ['shared device id', 'shared-device-id', 'reason'],
    ['isolation', 'isolated', 'verdict'],
    ['eperm', 'EPERM', 'errno'],
    ['3', '3', 'exit code'],
    ['no-reset', 'no-reset', 'obstacle'],
    ['accepts by override', 'accepts-by-override', 'answer of a gate'],
  ])('%s', (text, term, kind) => {
    expect(termNamed(text)).toMatchObject({ term, kind })
  })
  test.each(['xyz', '', '01:00.0', '%s', '\u001b[31m'])('none: %j', (text) => {
    expect(termNamed(text)).toBeUndefined()
  })
})

describe('a line of the kernel log', () => {
  // As vfio_iommu_type1.c prints it, in the forms in which people keep it.
  const LINE =
    'vfio_iommu_type1_attach_group: No interrupt remapping support.  Use the module param "allow_unsafe_interrupts" to enable VFIO IOMMU support on this platform'
  test.each([
    LINE,
    `[   12.345678] ${LINE}`,
    `Nov 28 10:00:00 host kernel: ${LINE}`,
    'No interrupt remapping for device',
  ])('%s', (line) => {
    expect(loggedMessage(line)?.id).toBe('type1-no-remapping')
  })
  test('says who prints it', () => {
    const entry = termNamed('DMAR-IR: Enabled IRQ remapping in x2apic mode') ?? expect.fail('it is unknown')
    expect(renderHumanTerm(entry, PLAIN)).toContain('intel_enable_irq_remapping')
  })
  test.each(['usb 1-1: new high-speed USB device', 'hello world', ''])('says nothing of %j', (line) => {
    expect(loggedMessage(line)).toBeUndefined()
  })
  test('every message has a sentence to say', () => {
    expect(KERNEL_LOG_MESSAGES.filter(({ says }) => !says.endsWith('.'))).toEqual([])
  })
})

test('a question has the words that a device is asked with', () => {
  expect(questionWords('payload')).toBe(FOUNDING_QUESTIONS.find(({ id }) => id === 'payload')?.question)
  for (const { question } of TERMS) expect(question).not.toBe('unknown')
})
