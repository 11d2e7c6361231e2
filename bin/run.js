#!/usr/bin/env node
// Kept to what Node.js 12 understands, so that an old one is told what it lacks.
const NEEDED = [20, 20]
/** In which script a quick command is: what is started often has its own. */
const QUICK = {
  probe: 'often',
  check: 'often',
  lint: 'often',
  explain: 'seldom',
  decode: 'seldom',
  diff: 'seldom',
  capture: 'seldom',
}
/** As in the executables, as far as V8 lets a process change its mind. */
const V8_FLAGS =
  '--interrupt-budget=1000000 --no-parallel-scavenge --regexp-tier-up-ticks=300 --no-regexp-peephole-optimization'

/**
 * Most runs end before optimized code has paid for its making: what stays hot is optimized a little later, regular
 * expressions too, and of what a fleet keeps hot less is then optimized again. Releases of V8 that name it otherwise would
 * complain.
 */
function tellV8() {
  if (process.version.startsWith('v20.')) require('v8').setFlagsFromString(V8_FLAGS)
}

/** Ends before there is a verdict: an exit code of 1 would read as one. */
function leave(message, hint) {
  const description = {
    schema: 'intremap/error',
    schemaVersion: '1.0.0',
    error: { code: 'internal', message, path: 'none', hint },
    exitCode: 70,
  }
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(description, undefined, 2)}\n`)
  else process.stderr.write(`${message}\n${hint}\n`)
  process.exit(70)
}

const SCRIPTS = `${__dirname}/../dist/quick`

/** A script, with what V8 compiled of it in this very Node.js. Throws where nobody has done that. */
function scriptOf(name) {
  const { readFileSync } = require('fs')
  const { Script, constants } = require('vm')
  const filename = `${SCRIPTS}/${name}.cjs`
  return new Script(readFileSync(filename, 'latin1'), {
    filename,
    cachedData: readFileSync(`${SCRIPTS}/${name}-${process.version}-${process.arch}.cache`),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
}

/** What a script exports. It asks for another one, of a package, as for the package. */
function exportsOf(script, name) {
  const module = { exports: {} }
  const requireOf = (id) => (id === 'execa' ? exportsOf(scriptOf(id), id) : require(id))
  script.runInThisContext()(module.exports, requireOf, module, `${SCRIPTS}/${name}.cjs`)
  return module.exports
}

/**
 * The function that runs a quick command, compiled already; undefined where V8 does not take what it compiled, and the
 * whole program does the same a little later.
 * @param {string} name of the script
 */
function compiledStart(name) {
  let script
  try {
    script = scriptOf(name)
  } catch {
    return undefined
  }
  if (script.cachedDataRejected) return undefined
  // Not before: code that was compiled under other flags is not taken.
  tellV8()
  return exportsOf(script, name).start
}

async function wholeProgram(words) {
  tellV8()
  let exit
  try {
    exit = await import('../dist/cli/exit.js')
  } catch (error) {
    leave(
      `intremap cannot start: ${error instanceof Error ? error.message : String(error)}`,
      'In a checkout run "npm run build"; otherwise install the package again.',
    )
  }
  exit.guardProcess()
  try {
    const { main } = await import('../dist/program/main.js')
    await main(words)
  } catch (error) {
    exit.leaveWithError(error)
  }
}

async function run(words) {
  const quick = Object.prototype.hasOwnProperty.call(QUICK, words[0]) ? QUICK[words[0]] : undefined
  const start = quick === undefined ? undefined : compiledStart(quick)
  if (start === undefined || (await start(words)) !== true) await wholeProgram(words)
}

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  leave(
    `intremap needs Node.js ${NEEDED.join('.')} or newer, and this is ${process.versions.node}.`,
    'Install a newer Node.js, or use the executable of intremap, which brings its own.',
  )
}

void run(process.argv.slice(2))
