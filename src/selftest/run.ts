import { buildReport, emulatedMachines, openBundledMachine, probeMachine, type Report } from '../index.js'
import { judge, type Judgement } from './judge.js'
import { parseMachineFile, type MachineFile } from './machine-file.js'
import { parseOracle } from './oracle.js'

export interface MachineResult extends Judgement {
  readonly name: string
  readonly title: string
  readonly kind: MachineFile['kind'] | 'unknown'
  readonly verdict: Report['summary']['verdict']
  readonly passed: boolean
  /** What keeps the machine from being compared at all. */
  readonly problem?: string
}

/** What `selftest --json` prints. Fields are only added within a major version. */
export interface SelftestResult {
  readonly schema: 'intremap/selftest'
  readonly schemaVersion: string
  readonly machines: readonly MachineResult[]
  readonly passed: boolean
  readonly exitCode: 0 | 1
}

interface Described<T> {
  readonly value?: T
  readonly problem?: string
}

function described<T>(
  extras: ReadonlyMap<string, Uint8Array>,
  name: string,
  parse: (text: string) => T | undefined,
): Described<T> {
  const content = extras.get(name)
  if (!content) return {}
  try {
    const value = parse(new TextDecoder().decode(content))
    return value === undefined ? { problem: `its ${name} is in no known form` } : { value }
  } catch {
    return { problem: `its ${name} is no JSON` }
  }
}

async function testMachine(name: string): Promise<MachineResult> {
  const { sysroot, extras } = await openBundledMachine(name)
  const machine = described(extras, 'machine.json', parseMachineFile)
  const oracle = described(extras, 'oracle.json', parseOracle)
  const report = buildReport(probeMachine(sysroot))
  const judgement = judge(report, machine.value, oracle.value)
  const nothing = judgement.comparisons === 0 ? 'nothing is known that it could be compared with' : undefined
  const problem = machine.problem ?? oracle.problem ?? nothing
  return {
    name,
    title: machine.value?.title ?? name,
    kind: machine.value?.kind ?? 'unknown',
    verdict: report.summary.verdict,
    passed: judgement.differences.length === 0 && problem === undefined,
    ...judgement,
    ...(problem === undefined ? {} : { problem }),
  }
}

/**
 * Runs every probe and rule against the bundled machines `names`, all of them when none is named, and compares with what
 * their kernels answered or with what was written down for them. Without any machine nothing was tested: not passed.
 * Throws NotFoundError for a name that is not there.
 */
export async function runSelftest(names: readonly string[] = []): Promise<SelftestResult> {
  const machines: MachineResult[] = []
  for (const name of names.length > 0 ? names : emulatedMachines()) machines.push(await testMachine(name))
  const passed = machines.length > 0 && machines.every((machine) => machine.passed)
  return { schema: 'intremap/selftest', schemaVersion: '1.0.0', machines, passed, exitCode: passed ? 0 : 1 }
}
