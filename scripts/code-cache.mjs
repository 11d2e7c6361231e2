// Writes what V8 has compiled of a script of the program after it ran its commands once: they start without being compiled
// anew. Fits the Node.js that runs this, with the flags of V8 that it was given, and no other. The same script gives the
// same bytes, wherever it lies.
// Usage: node --predictable scripts/code-cache.mjs SCRIPT OUTPUT
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { constants, Script } from 'node:vm'

const root = fileURLToPath(new URL('../', import.meta.url))
const [filename, output] = process.argv.slice(2)
/** A machine of each kind of firmware: what they need is what most need. */
const MACHINES = ['arm-v3its-smmu-acpi-612', 'arm-v3its-smmu-dt-612', 'x86-intel-ir-612']

/** What is asked without a machine. */
const OTHER_LINES = [['--version'], ['help'], ['probe', '--help'], ['rules']]

/** Thrown in place of ending the process. */
class Left extends Error {}

// Without V8's --predictable its threads decide what is compiled by when; a cache that is made with it serves all the same.
if (!process.execArgv.includes('--predictable')) throw new Error('run with --predictable')

// V8 notes what it has made machine code of, and does that again as soon as it takes up a cache, for a fifth of a start.
setFlagsFromString('--no-sparkplug')

const script = new Script(fs.readFileSync(filename, 'latin1'), {
  // Its path would be in the cache; who loads it gives it a name of his own.
  filename: 'intremap',
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
})
const module = { exports: {} }
script.runInThisContext()(module.exports, createRequire(filename), module, filename)

/** Runs the commands that a script has, once on each machine, without what they print. */
async function runCommands(lineRun) {
  const directory = fs.mkdtempSync(join(tmpdir(), 'intremap-cache-'))
  const replaced = [
    [process, 'exit', process.exit.bind(process)],
    [fs, 'writeSync', fs.writeSync.bind(fs)],
  ]
  try {
    const lines = MACHINES.flatMap((machine) => {
      const tree = `${directory}/${machine}`
      fs.mkdirSync(tree)
      execFileSync('tar', ['-xzf', `${root}test/fixtures/${machine}.tar.gz`, '-C', tree])
      const [device] = fs.readdirSync(`${tree}/sysroot/sys/bus/pci/devices`).slice(-1)
      return [
        ['probe', '--json', '--sysroot', tree],
        ['probe', '--sysroot', tree],
        ['check', device, '--sysroot', tree],
        ['lint', '--sysroot', tree],
        ['explain', device, '--sysroot', tree],
        ['capture', '--list', '--sysroot', tree],
      ]
    })
    process.exit = () => {
      throw new Left()
    }
    fs.writeSync = (_, bytes) => bytes.length
    for (const line of [...lines, ...OTHER_LINES]) {
      // A script leaves lines to others.
      const run = await lineRun(line)
      await run?.().catch((error) => {
        if (!(error instanceof Left)) throw error
      })
    }
  } finally {
    for (const [holder, name, original] of replaced) holder[name] = original
    fs.rmSync(directory, { recursive: true, force: true })
  }
}

const { lineRun, execaSync } = module.exports
if (lineRun !== undefined) await runCommands(lineRun)
// A package runs what live machines have run.
else execaSync(process.execPath, ['--version'], { encoding: 'buffer', stdin: 'ignore' })
// Flags are in the cache too, and have to be those of who takes it up.
setFlagsFromString('--sparkplug')
fs.writeFileSync(output, script.createCachedData())
