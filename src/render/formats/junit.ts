import type { FindingsDocument, PlacedFinding, RuleResult } from '../../report/lint/findings-document.js'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Text for elements and attributes: nothing in it can end either, or be refused by a parser. */
export function xmlText(text: string): string {
  // Control, format and private characters, separators and lone surrogates; XML 1.0 also refuses noncharacters.
  const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu
  const visible = text.replaceAll(unprintable, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
  return visible.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}

function linesOf({ finding, places, notes }: PlacedFinding): readonly string[] {
  const at = places.map(({ path, offset, value }) => {
    const where = offset === undefined ? path : `${path} offset 0x${offset.toString(16)}`
    return `  ${where}${value === '' ? '' : `: ${value}`}`
  })
  const remedy = finding.remedy === '' ? [] : [`  ${finding.actor}: ${finding.remedy}`]
  return [
    `${finding.severity} ${finding.subject}: ${finding.summary}`,
    ...notes.map((note) => `  ${note}`),
    ...at,
    ...remedy,
  ]
}

const body = (findings: readonly PlacedFinding[]) =>
  findings
    .flatMap(linesOf)
    .map((line) => xmlText(line))
    .join('\n')

type Status = 'passed' | 'failed' | 'skipped'

function statusOf({ outcome, findings }: RuleResult): Status {
  if (findings.some(({ fails }) => fails)) return 'failed'
  if (outcome === 'not-applicable' || findings.some(({ finding }) => finding.outcome === 'unknown')) return 'skipped'
  return outcome === 'unknown' ? 'skipped' : 'passed'
}

function skipReason({ outcome, findings }: RuleResult): string {
  if (outcome === 'not-applicable') return 'There is nothing here that the rule is about.'
  return findings.find(({ finding }) => finding.outcome === 'unknown')?.finding.summary ?? 'It could not be told.'
}

function caseLines(result: RuleResult, suite: string): readonly string[] {
  const { rule, findings } = result
  const open = `    <testcase classname="${xmlText(`${suite}.${rule.scope}`)}" name="${xmlText(`${rule.id} ${rule.slug}: ${rule.title}`)}" time="0"`
  const status = statusOf(result)
  const output = findings.length > 0 ? [`      <system-out>${body(findings)}</system-out>`] : []
  switch (status) {
    case 'passed':
      return output.length > 0 ? [`${open}>`, ...output, '    </testcase>'] : [`${open}/>`]
    case 'skipped':
      return [`${open}>`, `      <skipped message="${xmlText(skipReason(result))}"/>`, ...output, '    </testcase>']
    case 'failed': {
      const failing = findings.filter(({ fails }) => fails)
      const [first] = failing
      const message = `${first?.finding.summary ?? ''}${failing.length > 1 ? ` And ${failing.length - 1} more.` : ''}`
      const type = xmlText(first?.finding.severity ?? '')
      return [
        `${open}>`,
        `      <failure type="${type}" message="${xmlText(message)}">${body(failing)}</failure>`,
        '    </testcase>',
      ]
    }
  }
}

/** Findings as JUnit XML: one test case a rule; what could not be told, or does not apply, is skipped, never passed. */
export function renderJunit(document: FindingsDocument): string {
  const suite = `intremap.${document.command}`
  const count = (status: Status) => document.results.filter((result) => statusOf(result) === status).length
  const numbers = `tests="${document.results.length}" failures="${count('failed')}" errors="0" skipped="${count('skipped')}"`
  const name = xmlText(`intremap ${document.command} ${document.source.name}`)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="intremap" ${numbers} time="0">`,
    `  <testsuite name="${name}" ${numbers} time="0">`,
    '    <properties>',
    `      <property name="version" value="${xmlText(document.tool.version)}"/>`,
    `      <property name="ruleset" value="${xmlText(document.tool.ruleset)}"/>`,
    '    </properties>',
    ...document.results.flatMap((result) => caseLines(result, suite)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}
