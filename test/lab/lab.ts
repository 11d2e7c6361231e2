import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { architectureOf, boot, qemuOf } from './boot.js'
import { CACHE } from './cache.js'
import { compareGuest, type Outcome } from './compare.js'
import { Images } from './image.js'
import { kernel } from './kernels.js'
import { MACHINES, type Machine } from './machines.js'
import { run } from './programs.js'
import type { Patience } from './watch.js'

const SILENT_SECONDS = 600
/** As many times of that is what a guest gets that goes on saying something. */
const MOST_TIMES = 6
const FAULTS_SHOWN = 20
const FAULT = 1
/** Nothing is wrong that was seen, but not everything could be seen. */
const UNPROVEN = 2

interface Options {
  /** A guest is turned off that says nothing for so many seconds. */
  readonly silent: number
  /** When the last one is, as performance.now() tells it. */
  readonly deadline: number
  /** Whether to compare what the last run handed out, without booting. */
  readonly again: boolean
}

/** The machine could not be booted, or not to its end. */
class NotProven extends Error {}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

const images = new Images()

/** Makes what a machine needs to boot, as far as it is not there. */
function prepare(machine: Machine): { readonly image: string; readonly initramfs: Buffer } {
  const architecture = architectureOf(machine)
  const linux = kernel(architecture, machine.kernel)
  qemuOf(machine)
  return { image: linux.image, initramfs: images.initramfs(architecture, linux) }
}

/** The same for several, up to the first that cannot be had. */
function prepareAll(machines: readonly Machine[]): number {
  for (const machine of machines) {
    try {
      prepare(machine)
    } catch (error) {
      console.log(`${machine.name}: NOT PREPARED: ${messageOf(error)}`)
      return UNPROVEN
    }
  }
  return 0
}

/** Boots a machine; what it handed out is in its directory then. */
async function bootAndUnpack(machine: Machine, directory: string, patience: Patience): Promise<void> {
  const { image, initramfs } = prepare(machine)
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const turnedOff = await boot(machine, image, initramfs, directory, patience)
  rmSync(join(directory, 'initramfs'))
  if (turnedOff !== undefined) throw new Error(`${turnedOff}; its console is ${join(directory, 'console')}`)
  try {
    run('tar', ['--no-same-owner', '-xf', 'out'], directory)
  } catch {
    // Nothing, or not all of it: the lack shows.
  }
  rmSync(join(directory, 'out'))
}

/** Compares what the last run of a machine handed out. */
function judged(directory: string): Outcome {
  if (!existsSync(join(directory, 'dmesg.txt')))
    throw new NotProven(`the guest did not come to its end; its console is ${join(directory, 'console')}`)
  return compareGuest(directory)
}

/** Boots a machine, unless its last run is meant, and compares. */
async function prove(machine: Machine, { silent, deadline, again }: Options): Promise<Outcome> {
  const directory = join(CACHE, 'runs', machine.name)
  const left = (deadline - performance.now()) / 1000
  if (again) return judged(directory)
  if (left <= 0) throw new NotProven('no time is left')
  try {
    await bootAndUnpack(machine, directory, { silent, all: Math.min(MOST_TIMES * silent, left) })
  } catch (error) {
    throw new NotProven(messageOf(error))
  }
  return judged(directory)
}

/** One machine's line, and a line for each fault; the exit code that it calls for. */
async function report(machine: Machine, options: Options): Promise<number> {
  const start = performance.now()
  const passed = () => `${((performance.now() - start) / 1000).toFixed(0)} s`
  try {
    const { release, equal, asked, nobodyEqual, nobodyAsked, faults } = await prove(machine, options)
    const verdict = faults.length === 0 ? 'ok' : `${faults.length} FAULTS`
    const figures = `root ${equal}/${asked}, nobody ${nobodyEqual}/${nobodyAsked}`
    console.log(`${machine.name}: ${verdict}, ${release}, ${figures}, ${passed()}`)
    for (const fault of faults.slice(0, FAULTS_SHOWN)) console.log(`  ${fault}`)
    if (faults.length > FAULTS_SHOWN) console.log(`  and ${faults.length - FAULTS_SHOWN} more`)
    return faults.length === 0 ? 0 : FAULT
  } catch (error) {
    const unproven = error instanceof NotProven
    console.log(`${machine.name}: ${unproven ? 'NOT PROVEN' : 'FAULT'} after ${passed()}: ${messageOf(error)}`)
    return unproven ? UNPROVEN : FAULT
  }
}

/** Writes the last run of a machine as a capture, tree and answers, from which scripts/refresh-fixtures.mjs bundles it. */
function writeCapture(machine: Machine, directory: string): void {
  mkdirSync(directory, { recursive: true })
  const file = join(resolve(directory), `${machine.bundledAs}.tar.gz`)
  run('tar', ['-czf', file, '--transform=s,^tree,sysroot,', 'tree', 'oracle.json'], join(CACHE, 'runs', machine.name))
}

/** Names of machines or beginnings of them; a machine named exactly is meant alone. None means all. */
function chosen(words: readonly string[]): readonly Machine[] {
  if (words.length === 0) return MACHINES
  return words.flatMap((word) => {
    const exact = MACHINES.filter(({ name }) => name === word)
    const found = exact.length > 0 ? exact : MACHINES.filter(({ name }) => name.startsWith(word))
    if (found.length === 0)
      throw new Error(`no machine is named ${word}: ${MACHINES.map(({ name }) => name).join(', ')}`)
    return found
  })
}

/** The command line, see README.md. Gives the exit code: 0 all equal, 1 a fault, 2 a machine that could not be proven. */
export async function main(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      limit: { type: 'string', default: 'Infinity' },
      jobs: { type: 'string', default: '1' },
      silent: { type: 'string', default: String(SILENT_SECONDS) },
      prepare: { type: 'boolean', default: false },
      again: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      captures: { type: 'string' },
    },
  })
  const queue = [...chosen(positionals)]
  if (values.list) {
    for (const { name } of queue) console.log(name)
    return 0
  }
  if (values.prepare) return prepareAll(queue)
  const deadline = performance.now() + 1000 * Number(values.limit)
  const options = { silent: Number(values.silent), deadline, again: values.again }
  const codes: number[] = []
  const proveNext = async (machine: Machine) => {
    const code = await report(machine, options)
    codes.push(code)
    if (code === 0 && values.captures !== undefined) writeCapture(machine, values.captures)
  }
  const work = async () => {
    for (let machine = queue.shift(); machine; machine = queue.shift()) await proveNext(machine)
  }
  await Promise.all(Array.from({ length: Number(values.jobs) }, work))
  return codes.includes(FAULT) ? FAULT : codes.includes(UNPROVEN) ? UNPROVEN : 0
}
