import type { LintFinding, LintReport } from '../report/lint-report.js'
import type { Severity } from '../report/types.js'
import { escapeAll } from './escape.js'
import { styleOf, type Style } from './style.js'
import { count, enumerate, hangingParagraph } from './text-layout.js'
import type { RenderOptions } from './types.js'

const WIDEST = 100
const TABLES_SHOWN = 12
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

/** Pieces of evidence that are still shown one by one. */
const EVIDENCE_SHOWN = 4

/** `0x48: input base 0x0, …` for places in the finding's own file, else with the file's name. */
function placeLines({ path, evidence }: LintFinding): readonly string[] {
  const lines = evidence.slice(0, EVIDENCE_SHOWN).map(({ source, locator, value }) => {
    const offset = /^offset (0x[0-9a-f]+)/.exec(locator)?.[1]
    const place = [source === path && offset !== undefined ? '' : source, offset ?? ''].filter((word) => word !== '')
    return value === '' ? place.join(' ') : `${place.join(' ')}: ${value}`
  })
  const left = evidence.length - lines.length
  return left > 0 ? [...lines, `and ${count(left, 'place')} more`] : lines
}

function findingLines(finding: LintFinding, style: Style, columns: number): readonly string[] {
  const { severity, rule, node, summary, linux, clause, acsRule, actor, remedy, path } = finding
  const place = path === 'none' || node.startsWith(path) ? node : `${path}, ${node}`
  const indent = '         '
  const part = (title: string, text: string) =>
    text === '' ? [] : hangingParagraph(`${indent}${title.padEnd(7)} `, text, columns)
  const [first, ...others] = placeLines(finding)
  const quiet = (lines: readonly string[]) => lines.map((line) => style.quiet(line))
  return [
    coloured(style, severity, `${severity.toUpperCase().padEnd(8)} ${rule}  ${place}`),
    ...hangingParagraph(indent, summary, columns),
    ...part('Linux', linux === 'none' ? '' : linux),
    ...quiet(part('At', first ?? '')),
    ...quiet(others.flatMap((line) => hangingParagraph(`${indent}        `, line, columns))),
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
  const byPath = new Map<string, string[]>()
  for (const { path, table } of files) byPath.set(path, [...(byPath.get(path) ?? []), table])
  const names = [...byPath].map(([path, tables]) => `${path} (${enumerate(tables, TABLES_SHOWN)})`)
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
