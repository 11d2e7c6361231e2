// Writes the bundled machines, test/fixtures/NAME.tar.gz: what the probes read of chosen captures, redacted, with what
// their kernels answered; and the machines of test/fixtures/descriptions with what is expected of them. Captures are
// looked for in ../shared/captures, or where the first argument says; without them only described machines are written.
// Needs an up-to-date build.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { captureMachine, probeMachine } from '../dist/index.js'
import { emulateMachine } from '../dist/emulator/emulate.js'
import { openBundle } from '../dist/sysroot/bundle-sysroot.js'
import { MemorySysroot, MemoryTree } from '../dist/sysroot/memory-sysroot.js'
import { CAPTURED_MACHINES } from './captured-machines.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))
const fixtures = `${root}test/fixtures/`
const captures = process.argv[2] ?? `${root}../shared/captures`

const json = (value) => Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`)
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))

const pick = (object, names) =>
  Object.fromEntries(names.filter((name) => name in object).map((name) => [name, object[name]]))
const step = (value) => value && pick(value, ['errno', 'error', 'stage'])
const round = (value) =>
  value && {
    legacy: step(value.legacy),
    iommufd: step(value.iommufd),
    kernel_predicates: value.kernel_predicates,
  }

/** The fields that the self-test compares. */
function reducedOracle(oracle) {
  return {
    ...pick(oracle, ['kernel', 'params_as_booted', 'nodes']),
    devices: oracle.devices.map((device) => ({
      ...pick(device, ['bdf', 'group', 'skipped', 'note']),
      ...('bind_vfio_pci' in device
        ? { bind_vfio_pci: device.bind_vfio_pci && pick(device.bind_vfio_pci, ['errno', 'error']) }
        : {}),
      ...('strict' in device ? { strict: round(device.strict) } : {}),
      ...('unsafe_allowed' in device ? { unsafe_allowed: round(device.unsafe_allowed) } : {}),
    })),
  }
}

let total = 0
async function write(name, sysroot, extras) {
  const bundle = await captureMachine(sysroot, probeMachine).bundle(new Map(extras))
  writeFileSync(`${fixtures}${name}.tar.gz`, bundle)
  total += bundle.length
}

if (existsSync(captures)) {
  for (const [name, title, about] of CAPTURED_MACHINES) {
    const { sysroot, extras } = await openBundle(readFileSync(`${captures}/${name}.tar.gz`), name)
    const oracle = reducedOracle(JSON.parse(Buffer.from(extras.get('oracle.json')).toString('utf8')))
    await write(name, sysroot, [
      ['machine.json', json({ name, title, about, kind: 'captured' })],
      ['oracle.json', json(oracle)],
    ])
  }
} else {
  console.error(`no captures in ${captures}: only described machines are written`)
}
for (const file of readdirSync(`${fixtures}descriptions`).sort()) {
  const description = readJson(`${fixtures}descriptions/${file}`)
  const { name, title } = description
  const expectations = `${fixtures}expectations/${file}`
  if (!existsSync(expectations)) {
    console.error(`${name}: nothing is expected of it, so it is not bundled`)
    continue
  }
  const { about, expected } = readJson(expectations)
  const sysroot = new MemorySysroot({ kind: 'emulated', name }, new MemoryTree(emulateMachine(description)))
  await write(name, sysroot, [['machine.json', json({ name, title, about, kind: 'emulated', expected })]])
}
console.log(`${total} bytes`)
