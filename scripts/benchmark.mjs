// Measures the built program: start to end against a bare node, and the work for each function of large machines.
// docs/benchmark.md says how to read the table. Nothing here passes or fails.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { fromSource } from './source.mjs'

const PROGRAM = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const WARM_UP_ROUNDS = 2
/** A machine of a size that people have; the others show how the work grows. */
const SMALL = 40
const LARGE = [500, 10_000]

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, 'large-rounds': { type: 'string', default: '3' } },
})

const [
  { emulateMachine },
  { largeMachine },
  { writeTree },
  { MemorySysroot, MemoryTree },
  { RedactingSysroot },
  { renderHumanProbe },
  { buildReport, probeMachine },
] = await fromSource(
  'emulator/emulate',
  'emulator/large-machine',
  'cli/write-tree',
  'sysroot/memory-sysroot',
  'capture/redacting-sysroot',
  'render/probe/human-probe',
  'index',
)

/** Sorted copy, and the value below which `share` of the values lie. */
const quantile = (numbers, share) => numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) * share)]
const median = (numbers) => quantile(numbers, 0.5)

// ---- Whole runs -----------------------------------------------------------------------------------------------------

/** Runs before the program in the child and tells on descriptor 3 what the child has used up to its exit. */
const METER = `process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  require('node:fs').writeSync(3, JSON.stringify({ cpu: userCPUTime + systemCPUTime, memory: maxRSS }))
})`

// Node 20 parses these certificates at its start, which takes longer than the whole start without them.
const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...environment } = process.env

/** One run of node: wall-clock and CPU time in milliseconds, largest resident set in MB. */
function measureRun(meter, words) {
  const start = performance.now()
  const { status, output, error } = spawnSync(process.execPath, ['--require', meter, ...words], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    maxBuffer: 256 * 1024 * 1024,
  })
  const wall = performance.now() - start
  // 0, 1 and 3 are verdicts.
  if (error || ![0, 1, 3].includes(status))
    throw new Error(`node ${words.join(' ')} failed: ${String(error ?? output[2])}`)
  const { cpu, memory } = JSON.parse(String(output[3]))
  return { wall, cpu: cpu / 1000, memory: memory / 1024 }
}

/** Every variant once a round, so that a load on the machine falls on all of them. */
function measureRuns(variants, rounds, meter) {
  const runs = variants.map(() => [])
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const [index, { words }] of variants.entries()) {
      const run = measureRun(meter, words)
      if (round >= 0) runs[index].push(run)
    }
  }
  return runs
}

function wholeRuns(directory, rounds) {
  const meter = join(directory, 'meter.cjs')
  writeFileSync(meter, METER)
  const tree = (functions) => {
    const path = join(directory, `machine-${functions}`)
    writeTree(path, `large-${functions}`, emulateMachine(largeMachine(functions)), false)
    return path
  }
  const [small, larger] = [tree(SMALL), tree(LARGE[0])]
  const variants = [
    { name: 'node -e 0', words: ['-e', '0'] },
    { name: 'intremap --version', words: [PROGRAM, '--version'] },
    { name: `probe --json, ${SMALL} functions`, words: [PROGRAM, 'probe', '--json', '--sysroot', small] },
    { name: `probe, ${SMALL} functions`, words: [PROGRAM, 'probe', '--sysroot', small] },
    { name: `probe --json, ${LARGE[0]} functions`, words: [PROGRAM, 'probe', '--json', '--sysroot', larger] },
  ]
  const runs = measureRuns(variants, rounds, meter)
  const cpus = runs.map((list) => median(list.map(({ cpu }) => cpu)))
  const walls = runs.map((list) =>
    quantile(
      list.map(({ wall }) => wall),
      0.25,
    ),
  )
  return variants.map(({ name }, index) => [
    name,
    cpus[index].toFixed(0),
    (cpus[index] / cpus[0]).toFixed(2),
    walls[index].toFixed(0),
    (walls[index] / walls[0]).toFixed(2),
    median(runs[index].map(({ memory }) => memory)).toFixed(0),
  ])
}

// ---- Work for each function -----------------------------------------------------------------------------------------

/** CPU time of `work` in microseconds, with its result. */
function timed(work) {
  const before = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(before)
  return { result, cpu: user + system }
}

/** The same machine seen in other ways: what is linear for one need not be for the next. */
const WAYS = {
  ACPI: (machine) => machine,
  'device tree': (machine) => ({ ...machine, firmware: 'devicetree' }),
  'interrupt domains': (machine) => ({ ...machine, kernel: { ...machine.kernel, debugfs: true } }),
  'not root': (machine) => ({ ...machine, privilege: 'nobody' }),
}

/** One pass over a machine in memory, nothing kept from another pass: CPU time of each part. */
function measurePass(tree) {
  const sysroot = new RedactingSysroot(new MemorySysroot({ kind: 'emulated', name: 'large' }, new MemoryTree(tree)))
  const probed = timed(() => probeMachine(sysroot))
  const judged = timed(() => buildReport(probed.result))
  const shown = timed(() => renderHumanProbe(judged.result, { columns: 80, colorLevel: 0, all: true }))
  return [probed.cpu, judged.cpu, shown.cpu]
}

function workPerFunction(rounds) {
  const cases = Object.entries(WAYS).flatMap(([way, change]) =>
    LARGE.map((functions) => ({ way, functions, description: change(largeMachine(functions)), passes: [] })),
  )
  for (let round = -1; round < rounds; round++) {
    for (const { functions, description, passes } of cases) {
      const tree = emulateMachine(description)
      // The smaller one several times, so that both are measured as warm code.
      for (let pass = 0; pass < (functions === LARGE[0] ? 4 : 1); pass++) {
        const cpus = measurePass(tree)
        if (round >= 0) passes.push(cpus)
      }
    }
  }
  return cases.map(({ way, functions, passes }) => {
    const parts = [0, 1, 2].map((part) => median(passes.map((pass) => pass[part])) / functions)
    return { way, functions, parts, sum: parts.reduce((sum, part) => sum + part) }
  })
}

// ---- Output ---------------------------------------------------------------------------------------------------------

function printTable(head, rows) {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)))
  const line = (cells) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`
  console.log(line(head))
  console.log(
    `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`,
  )
  for (const row of rows) console.log(line(row))
  console.log()
}

const directory = mkdtempSync(join(tmpdir(), 'intremap-benchmark-'))
try {
  console.log(`node ${process.version}, ${process.platform} ${process.arch}, ${availableParallelism()} processors\n`)
  printTable(['run', 'cpu ms', 'x', 'wall ms', 'x', 'MB'], wholeRuns(directory, Number(options.rounds)))
  const work = workPerFunction(Number(options['large-rounds']))
  printTable(
    ['machine', 'functions', 'probe µs', 'judge µs', 'show µs', 'sum µs', 'x'],
    work.map(({ way, functions, parts, sum }) => {
      const smaller = work.find((other) => other.way === way && other.functions === LARGE[0])
      return [
        way,
        String(functions),
        ...[...parts, sum].map((micros) => micros.toFixed(0)),
        (sum / smaller.sum).toFixed(2),
      ]
    }),
  )
} finally {
  rmSync(directory, { recursive: true, force: true })
}
