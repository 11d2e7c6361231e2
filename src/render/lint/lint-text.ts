import { SEVERITIES } from '../../report/severity.js'
import { foldFindings, type FoldedFinding } from '../../report/lint/fold-findings.js'
import type { LintFinding, LintReport } from '../../report/lint/lint-report.js'
import type { Severity } from '../../report/types.js'
import { blank, exact, heading, layOut, prose, toned, type Block, type Tone } from '../layout/document.js'
import { escapeAll } from '../layout/escape.js'
import { ACTOR_WORDS } from '../sections/steps-section.js'
import { count, enumerate } from '../layout/text-layout.js'
import type { RenderOptions } from '../types.js'

const TABLES_SHOWN = 12

function toneOf(severity: Severity): Tone {
  switch (severity) {
    case 'critical':
    case 'high':
      return 'not-isolated'
    case 'medium':
      return 'unknown'
    case 'low':
    case 'info':
      return 'quiet'
  }
}

/** Pieces of evidence that are still shown one by one. */
const EVIDENCE_SHOWN = 4

/** `0x48: input base 0x0, …` for places in the finding's own file, else with the file's name. */
function placeLines({ path, evidence }: LintFinding): readonly string[] {
  const lines = evidence.slice(0, EVIDENCE_SHOWN).map(({ source, at, value }) => {
    const offset = at && 'offset' in at ? `0x${at.offset.toString(16)}` : undefined
    const place = [source === path && offset !== undefined ? '' : source, offset ?? ''].filter((word) => word !== '')
    return value === '' ? place.join(' ') : `${place.join(' ')}: "${value}"`
  })
  const left = evidence.length - lines.length
  return left > 0 ? [...lines, `and ${count(left, 'place')} more`] : lines
}

const INDENT = '         '

/** Where the same was found again, each by its node; the JSON has them in full. */
function againLine(more: readonly LintFinding[]): string {
  return `${count(more.length, 'more place')} of the same: ${more.map(({ node }) => node).join(', ')}`
}

function findingBlocks({ first: finding, more }: FoldedFinding<LintFinding>): readonly Block[] {
  const { severity, rule, node, summary, linux, clause, acsRule, actor, remedy, path } = finding
  const place = path === 'none' || node.startsWith(path) ? node : `${path}, ${node}`
  const part = (title: string, text: string) => (text === '' ? [] : [prose(`${INDENT}${title.padEnd(7)} `, text)])
  const [first, ...others] = placeLines(finding)
  const clauses = [...clause, ...acsRule.map((id) => `BSA ${id}`)]
  return [
    { kind: 'prose', lead: `${severity.toUpperCase().padEnd(8)} ${rule}  `, text: place, tone: toneOf(severity) },
    prose(INDENT, summary),
    ...part('Linux', linux === 'none' ? '' : linux),
    ...(first === undefined ? [] : [exact(`${INDENT}At      `, first)]),
    ...others.map((line) => exact(`${INDENT}        `, line)),
    ...part('And', more.length === 0 ? '' : againLine(more)),
    ...part('Clause', clauses.join('; ')),
    ...part('Remedy', remedy === '' ? '' : `${remedy} (${ACTOR_WORDS[actor]})`),
  ]
}

/** What was found, in one line. */
function answerLine(
  failed: readonly FoldedFinding<LintFinding>[],
  { exitCode, findings, summary }: LintReport,
): string {
  const numbers = SEVERITIES.flatMap((severity) => {
    const found = failed.filter(({ first }) => first.severity === severity).length
    return found > 0 ? [`${found} ${severity}`] : []
  })
  if (failed.length === 0 && exitCode === 3)
    return summary.rules.pass > 0 || findings.length > 0
      ? 'Cannot be judged: a table that is there cannot be read.'
      : 'Nothing was judged: no rule is about what is here.'
  if (failed.length === 0) return 'Nothing to complain about.'
  const places = failed.reduce((sum, { more }) => sum + 1 + more.length, 0)
  const where = places === failed.length ? '' : ` at ${count(places, 'place')}`
  return `${count(failed.length, 'finding')}${where}: ${enumerate(numbers, SEVERITIES.length)}.`
}

/** Rules that could not tell, by what they say they miss. */
function unknownBlocks(findings: readonly LintFinding[]): readonly Block[] {
  const bySummary = new Map<string, string[]>()
  for (const { outcome, summary, rule } of findings) {
    if (outcome !== 'unknown') continue
    const rules = bySummary.get(summary) ?? []
    bySummary.set(summary, rules)
    if (!rules.includes(rule)) rules.push(rule)
  }
  const help = findings.filter(({ outcome, actor }) => outcome === 'unknown' && actor === 'configuration')
  return [
    ...[...bySummary].map(([summary, rules]) => prose('  ', `${summary} (${rules.join(', ')})`)),
    ...[...new Set(help.map(({ remedy }) => remedy))].map((remedy) => prose('  ', remedy)),
  ]
}

/** Tables that no rule is about, in one line. */
function notJudgedBlocks({ notJudged }: LintReport): readonly Block[] {
  const names = [...new Set(notJudged.map(({ table }) => table))]
  if (names.length === 0) return []
  const what = enumerate(names.map(quoted), TABLES_SHOWN)
  return [prose('  ', `${what}: no rule is about ${names.length === 1 ? 'this table' : 'these tables'}.`)]
}

const quoted = (text: string) => `"${text}"`

function fileLine({ files, source, kernelRelease }: LintReport): string {
  const byPath = new Map<string, string[]>()
  for (const { path, table } of files) byPath.set(path, [...(byPath.get(path) ?? []), table])
  // Signatures are the tables' own names, not words about them.
  const names = [...byPath].map(([path, tables]) => `${path} (${enumerate(tables.map(quoted), TABLES_SHOWN)})`)
  const what = names.length === 0 ? `${source.kind} ${source.name}: no firmware tables` : enumerate(names, 8)
  const release = kernelRelease === 'unknown' ? 'any Linux release' : `Linux ${kernelRelease}`
  return `${what}; judged for ${release}.`
}

/** The lint report for people: what was found worst first, then what could not be judged. */
export function renderLintText(raw: LintReport, options: RenderOptions): string {
  const report = escapeAll(raw)
  const failed = foldFindings(report.findings.filter(({ outcome }) => outcome === 'fail'))
  const worst = failed[0]?.first
  const { pass, unknown, 'not-applicable': skipped } = report.summary.rules
  const untold = [...unknownBlocks(report.findings), ...notJudgedBlocks(report)]
  const blocks = [
    toned(worst ? toneOf(worst.severity) : report.exitCode === 3 ? 'unknown' : 'isolated', answerLine(failed, report)),
    toned('quiet', fileLine(report)),
    ...failed.flatMap((folded) => [blank, ...findingBlocks(folded)]),
    ...(untold.length > 0 ? [blank, heading('Not judged'), ...untold] : []),
    blank,
    prose('', `${count(pass, 'rule')} passed, ${unknown} could not tell, ${skipped} did not apply.`),
  ]
  return `${layOut(blocks, options).join('\n')}\n`
}
