import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Report } from '../../src/report/types.js'
import { judge, type Judgement } from '../../src/selftest/judge.js'
import { parseOracle, type Oracle } from '../../src/selftest/oracle.js'
import { ROOT } from './cache.js'
import { forbiddenCalls } from '../support/system-calls.js'
import { strengthenings } from '../support/strengthening.js'

const PROGRAM = `${ROOT}bin/run.js`

/** What of the guest is judged on this machine, to be the live report: name, option, file. */
const EVIDENCE = [
  ['tree', '--sysroot', 'tree'],
  ['capture', '--bundle', 'capture.tar.gz'],
  ['collect.sh', '--bundle', 'collected.tar.gz'],
] as const

/** Rules that know more than the kernel does: see test/e2e/captures.test.ts. */
const MAY_LOWER = ['IR101', 'IR004']

function isReport(value: unknown): value is Report {
  return typeof value === 'object' && value !== null && 'schema' in value && value.schema === 'intremap/report'
}

function parseReport(text: string): Report {
  const value: unknown = JSON.parse(text)
  if (!isReport(value)) throw new Error(`not a report: ${text.slice(0, 400)}`)
  return value
}

/** The report that this machine makes of evidence from the guest. */
function offline(...input: readonly string[]): Report {
  const words = [PROGRAM, 'probe', '--json', '--all', '--fail-on', 'never', ...input]
  return parseReport(execFileSync(process.execPath, words, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }))
}

/** What is the same wherever the evidence is read: not its place, names from a file of this machine, and quoted texts. */
function answers(report: Report): Readonly<Record<string, unknown>> {
  const { source: _source, exitCode: _exitCode, ...rest } = report
  return {
    ...rest,
    devices: report.devices.map((device) => ({ ...device, name: 'left out' })),
    findings: report.findings.map((finding) => ({
      ...finding,
      evidence: finding.evidence.map(({ source }) => source),
    })),
  }
}

/** Where two reports differ, as paths into them. */
function* differences(a: unknown, b: unknown, path = ''): Generator<string> {
  if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null) {
    const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))]
    for (const key of new Set([...left.keys(), ...right.keys()]))
      yield* differences(left.get(key), right.get(key), `${path}/${key}`)
  } else if (a !== b) yield `${path}: ${JSON.stringify(a)} and ${JSON.stringify(b)}`
}

export interface Outcome {
  readonly release: string
  /** Answers of the live report as root: equal to the kernel's, of all. */
  readonly equal: number
  readonly asked: number
  /** As nobody: answers that are the kernel's, of all; the rest is unknown. */
  readonly nobodyEqual: number
  readonly nobodyAsked: number
  /** What must not be, one line each. */
  readonly faults: readonly string[]
}

const say = ({ question, subject, expected, actual }: Judgement['differences'][number]) =>
  `${subject}: ${question} is ${expected}, the report says ${actual}`

/** Nothing else than the kernel's answer, if less: unknown, or refused with an error that is not known. */
function isOpen({ actual, expected }: Judgement['differences'][number]): boolean {
  const [outcome = '', error] = actual.split('/')
  return (
    outcome === 'unknown' || (error === 'unknown' && expected.split(' or ').some((at) => at.startsWith(`${outcome}/`)))
  )
}

/** Holds what a guest handed out against its kernel and against itself. */
export function compareGuest(directory: string): Outcome {
  const text = (name: string) => readFileSync(join(directory, name), 'utf8')
  const oracle = parseOracle(text('oracle.json'))
  if (!oracle) throw new Error('the kernel was not asked')
  const live = parseReport(text('root.out'))
  const nobody = parseReport(text('nobody.out'))
  const root = judge(live, undefined, oracle)
  const blind = judge(nobody, undefined, oracle)
  const lowered = root.lowered.filter(({ rules }) => !rules.some((rule) => MAY_LOWER.includes(rule)))
  return {
    release: oracle.kernel,
    equal: root.agreed + root.lowered.length - lowered.length,
    asked: root.comparisons,
    nobodyEqual: blind.agreed,
    nobodyAsked: blind.comparisons,
    faults: [
      ...missing(live, oracle),
      ...forbidden(directory),
      ...[...root.differences, ...root.undecided].map(say),
      ...lowered.map(({ subject, actual, rules }) => `${subject}: ${actual} by ${rules.join(', ')}`),
      ...blind.differences.filter((at) => !isOpen(at)).map((at) => `as nobody: ${say(at)}`),
      ...strengthenings(live, nobody).map(
        (at) => `${at.subject}: ${at.what} is ${at.before} as root and ${at.after} as nobody`,
      ),
      ...EVIDENCE.flatMap(([name, option, file]) =>
        [...differences(answers(live), answers(offline(option, join(directory, file))))].map(
          (at) => `live and ${name}: ${at}`,
        ),
      ),
    ],
  }
}

/** What traced runs did that the tool never does. */
function forbidden(directory: string): readonly string[] {
  const traces = readdirSync(directory).filter((name) => name.endsWith('.trace'))
  return traces.flatMap((name) => {
    const lines = readFileSync(join(directory, name), 'utf8').split('\n')
    return forbiddenCalls(lines, '/tmp/named.tar.gz', /execve\("\/tool\//).map((line) => `${name}: ${line}`)
  })
}

/** Functions that the kernel has and the report has not, and conversely. */
function missing(report: Report, oracle: Oracle): readonly string[] {
  const [ours, theirs] = [report.devices.map(({ address }) => address), oracle.devices.map(({ bdf }) => bdf)]
  return [
    ...theirs.filter((at) => !ours.includes(at)).map((at) => `${at} is missing in the report`),
    ...ours.filter((at) => !theirs.includes(at)).map((at) => `${at} is only in the report`),
  ]
}
