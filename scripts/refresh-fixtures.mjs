// Writes the bundled machines, test/fixtures/NAME.tar.gz: what the probes read of chosen captures, redacted, with what
// their kernels answered; and the machines of test/fixtures/descriptions with what is expected of them. Captures are
// looked for in ../shared/captures, or in the directories that the arguments name; what none of them has stays as it is.
// A bundle whose content is the same stays too, to the byte, whichever zlib wrote it.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { CAPTURED_MACHINES } from './captured-machines.mjs'
import { fromSource } from './source.mjs'

const [
  { captureMachine, probeMachine },
  { emulateMachine },
  { parseOracle },
  { reducedOracle },
  { openBundle },
  { MemorySysroot, MemoryTree },
] = await fromSource(
  'index',
  'emulator/emulate',
  'selftest/oracle',
  'selftest/reduced-oracle',
  'sysroot/bundle-sysroot',
  'sysroot/memory-sysroot',
)

const root = fileURLToPath(new URL('../', import.meta.url))
const fixtures = `${root}test/fixtures/`
const named = process.argv.slice(2)
const directories = named.length > 0 ? named : [`${root}../shared/captures`]

/** @returns {Uint8Array} */
const json = (value) =>
  new TextEncoder().encode(`${JSON.stringify(value, undefined, 2)}
`)

let total = 0
let changed = 0
async function write(name, sysroot, extras) {
  const file = `${fixtures}${name}.tar.gz`
  const bundle = await captureMachine(sysroot, probeMachine).bundle(new Map(extras))
  total += bundle.length
  if (existsSync(file) && gunzipSync(readFileSync(file)).equals(gunzipSync(bundle))) return
  writeFileSync(file, bundle)
  changed += 1
  console.log(`${name}: written`)
}

for (const [name, title, about] of CAPTURED_MACHINES) {
  const capture = directories.map((directory) => `${directory}/${name}.tar.gz`).find((path) => existsSync(path))
  if (capture === undefined) {
    console.error(`${name}: its capture is in none of ${directories.join(', ')}, so its bundle stays as it is`)
    continue
  }
  const { sysroot, extras } = await openBundle(readFileSync(capture), name)
  const oracle = parseOracle(Buffer.from(extras.get('oracle.json') ?? []).toString('utf8'))
  if (oracle === undefined) throw new Error(`${name} has no oracle.json`)
  await write(name, sysroot, [
    ['machine.json', json({ name, title, about, kind: 'captured' })],
    ['oracle.json', json(reducedOracle(oracle))],
  ])
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
console.log(`${total} bytes, ${changed} bundles changed`)
