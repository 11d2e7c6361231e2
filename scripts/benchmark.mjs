// Measures the built program: start to end beside a bare node and beside peers, the work for each function of large
// machines, and captures in one process. docs/benchmark.md says how to read the tables. Nothing here passes or fails.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { devicetree, WAYS } from './benchmark-machines.mjs'
import { environment, median, wholeRuns } from './benchmark-runs.mjs'
import { timed } from './benchmark-timed.mjs'
import { PROGRAM_FLAGS } from './bundle.mjs'
import { fromSource } from './source.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))
const PROGRAM = `${root}bin/run.js`
const EXECUTABLE = `${root}build/intremap-linux-${process.arch}`
/** The Node.js that was made the executable. */
const NODE_OF_EXECUTABLE = `${root}build/node/${process.arch}`
const REPLAY = `${root}scripts/benchmark-replay.mjs`
const CAPTURES = `${root}scripts/benchmark-captures.mjs`
/** A machine of a size that people have; the others show how the work grows. */
const SMALL = 40

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    'large-rounds': { type: 'string', default: '3' },
    /** Functions of the machines in memory, the smallest first. */
    large: { type: 'string', default: '1000,10000' },
    /** Functions of the machines that are written to disk, the smallest first. */
    disk: { type: 'string', default: '1000' },
    captures: { type: 'string', default: `${root}test/fixtures` },
  },
})
const LARGE = options.large.split(',').map(Number)
const ON_DISK = options.disk.split(',').map(Number)

const [
  { emulateMachine },
  { largeMachine },
  { writeTree },
  { MemorySysroot, MemoryTree },
  { openDirectorySysroot },
  { RedactingSysroot },
  { buildReport, probeMachine },
] = await fromSource(
  'emulator/emulate',
  'emulator/large-machine',
  'cli/write-tree',
  'sysroot/memory-sysroot',
  'sysroot/directory-sysroot',
  'capture/redacting-sysroot',
  'index',
)

// ---- Whole runs -----------------------------------------------------------------------------------------------------

function treeOf(directory, functions, change = (machine) => machine) {
  const path = `${directory}/machine-${functions}-${change.name}`
  writeTree(path, `large-${functions}`, emulateMachine(change(largeMachine(functions))), false)
  return path
}

/** Writes a list of what a probe of the tree reads, for the replay. */
function replayOf(directory, tree) {
  const reads = new Set()
  const inner = openDirectorySysroot(tree, { kind: 'sysroot', name: 'tree' })
  const noted = (kind, method) => (path) => {
    reads.add(`${kind} ${tree}/${path}`)
    return inner[method](path)
  }
  probeMachine({
    origin: inner.origin,
    budget: inner.budget,
    text: noted('file', 'text'),
    bytes: noted('file', 'bytes'),
    list: noted('list', 'list'),
    link: noted('link', 'link'),
  })
  const file = `${directory}/reads-${reads.size}`
  writeFileSync(file, [...reads].join('\n'))
  return file
}

/** Programs that people run on the same evidence; those that are not installed are left out. */
function peers(small, tree) {
  const tables = `${small}/sys/firmware/acpi/tables`
  return [
    { name: 'lspci -vv', words: ['lspci', '-vv', '-A', 'linux-sysfs', '-O', `sysfs.path=${small}/sys/bus/pci`] },
    { name: 'iasl -d IORT', words: ['iasl', '-p', `${small}/../iort`, '-d', `${tables}/IORT`] },
    {
      name: 'dtc, tree of directories',
      words: ['dtc', '-q', '-I', 'fs', `${tree}/sys/firmware/devicetree/base`],
    },
    { name: 'virt-host-validate (this host)', words: ['virt-host-validate', 'qemu'] },
    { name: 'fwupdtool security (this host)', words: ['fwupdtool', 'security'] },
  ].filter(({ words }) => spawnSync(words[0] ?? '', ['--version']).error === undefined)
}

function startUps(directory, rounds) {
  const small = treeOf(directory, SMALL)
  const tiny = treeOf(directory, 2)
  const tree = treeOf(directory, SMALL, devicetree)
  const table = `${small}/sys/firmware/acpi/tables/IORT`
  const npm = (...words) => [process.execPath, PROGRAM, ...words]
  const commands = [
    { name: '--version', words: ['--version'] },
    { name: 'probe of a tree that is not there', words: ['probe', '--sysroot', `${directory}/none`] },
    { name: 'probe --json, 2 functions', words: ['probe', '--json', '--sysroot', tiny] },
    { name: `probe --json, ${SMALL} functions`, words: ['probe', '--json', '--sysroot', small] },
    { name: `probe, ${SMALL} functions`, words: ['probe', '--sysroot', small] },
    { name: `check, ${SMALL} functions`, words: ['check', '01:00.0', '--sysroot', small] },
    { name: `explain, ${SMALL} functions`, words: ['explain', '01:00.0', '--sysroot', small] },
    { name: `lint, ${SMALL} functions`, words: ['lint', '--sysroot', small] },
    { name: 'decode an IORT', words: ['decode', table] },
  ]
  const variants = [
    { name: 'node -e 0', words: [process.execPath, '-e', '0'] },
    ...(existsSync(NODE_OF_EXECUTABLE)
      ? [{ name: 'node -e 0, that of the executable', words: [NODE_OF_EXECUTABLE, '-e', '0'] }]
      : []),
    { name: 'the reads of 40 functions alone', words: [process.execPath, REPLAY, replayOf(directory, small)] },
    ...commands.map(({ name, words }) => ({ name, words: npm(...words) })),
    ...(existsSync(EXECUTABLE)
      ? commands.map(({ name, words }) => ({ name: `executable: ${name}`, words: [EXECUTABLE, ...words] }))
      : []),
    ...peers(small, tree),
  ]
  return wholeRuns(variants, rounds, directory)
}

/** A large machine on disk beside a bare loop over the same reads. */
function onDisk(directory, functions, rounds) {
  const tree = treeOf(directory, functions)
  const runs = wholeRuns(
    [
      {
        name: `the reads of ${functions} functions alone`,
        words: [process.execPath, REPLAY, replayOf(directory, tree)],
      },
      {
        name: `probe --json, ${functions} functions`,
        words: [process.execPath, PROGRAM, 'probe', '--json', '--sysroot', tree],
      },
    ],
    rounds,
    directory,
  )
  // The next one may need the room.
  rmSync(tree, { recursive: true, force: true })
  return runs.map((run) => ({ ...run, micros: (1000 * run.cpu) / functions }))
}

// ---- Work for each function -----------------------------------------------------------------------------------------

/** One pass over a machine in memory, nothing kept from another pass: CPU time of each part in milliseconds. */
async function measurePass(tree) {
  const sysroot = new RedactingSysroot(new MemorySysroot({ kind: 'emulated', name: 'large' }, new MemoryTree(tree)))
  const probed = await timed(() => probeMachine(sysroot))
  const judged = await timed(() => buildReport(probed.result))
  const shown = await timed(() => JSON.stringify(judged.result))
  return [probed.cpu, judged.cpu, shown.cpu]
}

async function workPerFunction(rounds) {
  const rows = Object.entries(WAYS).flatMap(([way, change]) =>
    LARGE.map((functions) => ({ way, functions, description: change(largeMachine(functions), functions), passes: [] })),
  )
  for (let round = -1; round < rounds; round++) {
    for (const { functions, description, passes } of rows) {
      const tree = emulateMachine(description)
      // The smaller one several times, so that both are measured as warm code.
      for (let pass = 0; pass < (functions === LARGE[0] ? 4 : 1); pass++) {
        const cpus = await measurePass(tree)
        if (round >= 0) passes.push(cpus)
      }
    }
  }
  return rows.map(({ way, functions, passes }) => {
    const parts = [0, 1, 2].map((part) => (1000 * median(passes.map((pass) => pass[part]))) / functions)
    return { way, functions, parts, sum: parts.reduce((sum, part) => sum + part) }
  })
}

// ---- Captures -------------------------------------------------------------------------------------------------------

/** How often all captures are judged: from the second time on the code is warm. */
const CAPTURE_ROUNDS = 8

/** All bundles of a directory in a process of their own, whose V8 is told what the program tells it, again and again. */
function captureRates(directory) {
  const words = [...PROGRAM_FLAGS, CAPTURES, directory, String(CAPTURE_ROUNDS)]
  const taken = JSON.parse(String(execFileSync(process.execPath, words, { env: environment })))
  return taken.map(({ captures, sums, memory }, round) => [
    String((round + 1) * captures),
    ...sums.map((sum) => (sum / captures).toFixed(1)),
    ((1000 * captures) / sums.reduce((sum, part) => sum + part)).toFixed(0),
    (memory / 1e6).toFixed(0),
  ])
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

const runRow = ({ name, cpu, ratio, wall, memory }) => [
  name,
  cpu.toFixed(0),
  ratio.toFixed(2),
  wall.toFixed(0),
  memory?.toFixed(0) ?? '-',
]
/** A run on disk; its cost for each function is compared with that on the smallest machine. */
const diskRow = (run, smallest) => [...runRow(run), run.micros.toFixed(0), (run.micros / smallest.micros).toFixed(2)]
const RUN_HEAD = ['run', 'cpu ms', 'x', 'wall ms', 'MB']

const directory = mkdtempSync(`${tmpdir()}/intremap-benchmark-`)
try {
  const load = readFileSync('/proc/loadavg', 'utf8').split(' ', 1).join()
  console.log(
    `node ${process.version}, ${process.platform} ${process.arch}, ${availableParallelism()} processors, load ${load}\n`,
  )
  printTable(RUN_HEAD, startUps(directory, Number(options.rounds)).map(runRow))
  const disks = ON_DISK.map((functions) => onDisk(directory, functions, Number(options['large-rounds'])))
  printTable(
    [...RUN_HEAD, 'µs each', 'x smallest'],
    disks.flatMap((runs) => runs.map((run, index) => diskRow(run, disks[0][index]))),
  )
  const work = await workPerFunction(Number(options['large-rounds']))
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
  printTable(['captures', 'open ms', 'probe ms', 'judge ms', '1/s', 'MB'], captureRates(options.captures))
} finally {
  rmSync(directory, { recursive: true, force: true })
}
