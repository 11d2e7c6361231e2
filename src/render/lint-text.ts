import type { LintFinding, LintReport } from '../report/lint-report.js'
import type { Severity } from '../report/types.js'
import { escapeAll } from './escape.js'
import { styleOf, type Style } from './style.js'
import { count, enumerate, hangingParagraph } from './text-layout.js'
import type { RenderOptions } from './types.js'

const WIDEST = 100
const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info']

function coloured(style: Style, severity: Severity, text: string): string {
  switch (severity) {
    case 'critical':
    case 'high':
      return style.verdict('not-isolated', text)
    case 'medium':
      return style.verdict('unknown', text)
    case 'low':
    case 'info':
      return style.quiet(text)
  }
}

/** `IORT.dat at 0x98`, or the file alone; empty where there is none. */
function placeWords({ path, offset }: LintFinding): string {
  if (path === 'none') return ''
  return offset === 'none' ? path : `${path} at ${offset}`
}

function findingLines(finding: LintFinding, style: Style, columns: number): readonly string[] {
  const { severity, rule, node, summary, linux, evidence, clause, acsRule, actor, remedy } = finding
  const lead = `${severity.toUpperCase().padEnd(8)} ${rule}  ${node}`
  const indent = '         '
  const part = (title: string, text: string) =>
    text === '' ? [] : hangingParagraph(`${indent}${title.padEnd(7)} `, text, columns)
  const seen = evidence.map(
    ({ source, locator, value }) => `${source}${locator === 'whole file' ? '' : `, ${locator}`}: ${value}`,
  )
  return [
    coloured(style, severity, lead),
    ...hangingParagraph(indent, summary, columns),
    ...part('Linux', linux === 'none' ? '' : linux),
    ...part('At', placeWords(finding)),
    ...seen
      .slice(0, 4)
      .flatMap((line) => hangingParagraph(`${indent}        `, line, columns).map((text) => style.quiet(text))),
    ...part('Clause', [...clause, ...acsRule.map((id) => `BSA ${id}`)].join('; ')),
    ...part('Remedy', remedy === '' ? '' : `${remedy} (${actor})`),
  ]
}

/** What was found, in one line. */
function answerLine({ findings, summary }: LintReport): string {
  const numbers = SEVERITIES.flatMap((severity) => {
    const found = summary.findings[severity]
    return found > 0 ? [`${found} ${severity}`] : []
  })
  const failed = findings.filter(({ outcome }) => outcome === 'fail').length
  if (failed === 0) return 'Nothing to complain about.'
  return `${count(failed, 'finding')}: ${enumerate(numbers, SEVERITIES.length)}.`
}

/** Rules that could not tell, by what they say they miss. */
function unknownLines(findings: readonly LintFinding[], columns: number): readonly string[] {
  const bySummary = new Map<string, string[]>()
  for (const { outcome, summary, rule } of findings) {
    if (outcome !== 'unknown') continue
    const rules = bySummary.get(summary) ?? []
    bySummary.set(summary, rules)
    if (!rules.includes(rule)) rules.push(rule)
  }
  return [...bySummary].flatMap(([summary, rules]) =>
    hangingParagraph('  ', `${summary} (${rules.join(', ')})`, columns),
  )
}

function fileLine({ files, source, kernelRelease }: LintReport): string {
  const names = files.map((file) => `${file.table} ${file.path}`)
  const what = names.length === 0 ? `${source.kind} ${source.name}: no firmware tables` : enumerate(names, 8)
  const release = kernelRelease === 'unknown' ? 'any Linux release' : `Linux ${kernelRelease}`
  return `${what}; judged for ${release}.`
}

/** The lint report for people: what was found worst first, then what could not be judged. */
export function renderLintText(raw: LintReport, options: RenderOptions): string {
  const report = escapeAll(raw)
  const style = styleOf(options.colorLevel)
  const columns = Math.min(options.columns, WIDEST)
  const failed = report.findings.filter(({ outcome }) => outcome === 'fail')
  const [worst] = failed
  const { pass, unknown, 'not-applicable': skipped } = report.summary.rules
  const lines = hangingParagraph('', answerLine(report), columns)
  const output = [
    ...lines.map((line) => (worst ? coloured(style, worst.severity, line) : style.verdict('isolated', line))),
    ...hangingParagraph('', fileLine(report), columns).map((line) => style.quiet(line)),
  ]
  for (const finding of failed) output.push('', ...findingLines(finding, style, columns))
  const untold = unknownLines(report.findings, columns)
  if (untold.length > 0) output.push('', style.heading('Not judged'), ...untold)
  const rules = `${count(pass, 'rule')} passed, ${unknown} could not tell, ${skipped} did not apply.`
  output.push('', ...hangingParagraph('', rules, columns))
  return `${output.join('\n')}\n`
}
