// Writes the bundled machines, test/fixtures/NAME.tar.gz: what the probes read of chosen captures, redacted, with what
// their kernels answered; and the machines of test/fixtures/descriptions with what is expected of them. Captures are
// looked for in ../shared/captures, or where the first argument says; without them only described machines are written.
// Needs an up-to-date build.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { captureMachine, probeMachine } from '../dist/index.js'
import { emulateMachine } from '../dist/emulator/emulate.js'
import { parseOracle } from '../dist/selftest/oracle.js'
import { reducedOracle } from '../dist/selftest/reduced-oracle.js'
import { openBundle } from '../dist/sysroot/bundle-sysroot.js'
import { MemorySysroot, MemoryTree } from '../dist/sysroot/memory-sysroot.js'
import { CAPTURED_MACHINES } from './captured-machines.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))
const fixtures = `${root}test/fixtures/`
const captures = process.argv[2] ?? `${root}../shared/captures`

/** @returns {Uint8Array} */
const json = (value) =>
  new TextEncoder().encode(`${JSON.stringify(value, undefined, 2)}
`)

let total = 0
async function write(name, sysroot, extras) {
  const bundle = await captureMachine(sysroot, probeMachine).bundle(new Map(extras))
  writeFileSync(`${fixtures}${name}.tar.gz`, bundle)
  total += bundle.length
}

if (existsSync(captures)) {
  for (const [name, title, about] of CAPTURED_MACHINES) {
    const { sysroot, extras } = await openBundle(readFileSync(`${captures}/${name}.tar.gz`), name)
    const oracle = parseOracle(Buffer.from(extras.get('oracle.json') ?? []).toString('utf8'))
    if (!oracle) throw new Error(`${name} has no oracle.json`)
    await write(name, sysroot, [
      ['machine.json', json({ name, title, about, kind: 'captured' })],
      ['oracle.json', json(reducedOracle(oracle))],
    ])
  }
} else {
  console.error(`no captures in ${captures}: only described machines are written`)
}
for (const file of readdirSync(`${fixtures}descriptions`).sort()) {
  const description = JSON.parse(readFileSync(`${fixtures}descriptions/${file}`, 'utf8'))
  const { name, title } = description
  const expectations = `${fixtures}expectations/${file}`
  if (!existsSync(expectations)) {
    console.error(`${name}: nothing is expected of it, so it is not bundled`)
    continue
  }
  const { about, expected } = JSON.parse(readFileSync(expectations, 'utf8'))
  const sysroot = new MemorySysroot({ kind: 'emulated', name }, new MemoryTree(emulateMachine(description)))
  await write(name, sysroot, [['machine.json', json({ name, title, about, kind: 'emulated', expected })]])
}
console.log(`${total} bytes`)
