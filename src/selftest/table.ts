import { escapeText } from '../index.js'
import type { Comparison } from './comparison.js'
import type { MachineList } from './machine-list.js'
import type { MachineResult, SelftestResult } from './run.js'

const shown = ({ subject, question, expected, actual }: Comparison) =>
  `${subject}: ${question} is ${actual}, expected ${expected}`

function lines({ undecided, lowered, differences, problem }: MachineResult): readonly string[] {
  return [
    ...(problem === undefined ? [] : [`DIFFERS    ${problem}`]),
    ...differences.map((comparison) => `DIFFERS    ${shown(comparison)}`),
    ...undecided.map((comparison) => `undecided  ${shown(comparison)}`),
    ...lowered.map(({ subject, actual, rules }) => `lowered    ${subject}: ${actual} by ${rules.join(', ')}`),
  ]
}

/** One line a machine, below it what differs, what is left open, and which rules know more than the kernel. */
export function selftestTable({ machines, passed }: SelftestResult): string {
  const width = machines.reduce((most, { name }) => Math.max(most, name.length), 0)
  const rows = machines.flatMap((machine) => [
    `${machine.passed ? 'ok    ' : 'FAILED'}  ${machine.name.padEnd(width)}  ${`${machine.agreed}/${machine.comparisons}`.padStart(9)}  ${machine.verdict.padEnd(21)}  ${machine.title}`,
    ...lines(machine).map((line) => `          ${line}`),
  ])
  const failed = machines.filter((machine) => !machine.passed).length
  const sum = (count: (machine: MachineResult) => number) =>
    machines.reduce((total, machine) => total + count(machine), 0)
  const end = `${sum(({ agreed }) => agreed)} of ${sum(({ comparisons }) => comparisons)} answers agree on ${machines.length} machines; ${sum(({ undecided }) => undecided.length)} undecided, ${sum(({ lowered }) => lowered.length)} lowered by rules.`
  const verdict = passed
    ? 'None contradicts.'
    : machines.length === 0
      ? 'There is no machine to test.'
      : `${failed} FAILED.`
  return `${[...rows, end, verdict].map(escapeText).join('\n')}\n`
}

/** The bundled machines, a line each: name, kind and title. */
export function machineTable({ machines }: MachineList): string {
  const width = machines.reduce((most, { name }) => Math.max(most, name.length), 0)
  return machines
    .map(({ name, kind, title }) => `${escapeText(`${name.padEnd(width)}  ${kind.padEnd(8)}  ${title}`)}\n`)
    .join('')
}
