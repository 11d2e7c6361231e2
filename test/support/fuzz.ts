import { Budget } from '../../src/budget/budget.js'
import { amplified } from './fuzz-amplifiers.js'
import { changeBytes, changeField, changeText, Random, randomBytes, withSoundHeader } from './fuzz-mutations.js'
import { firstDifference, sizeOf } from './fuzz-results.js'
import { fuzzTargets, type FuzzTarget } from './fuzz-targets.js'

export interface FuzzOptions {
  readonly runs: number
  /** Input `index` of a seed is always the same, however many are run. */
  readonly seed: number
  /** Index of the first input. */
  readonly from?: number
  /** In place of all parsers. */
  readonly targets?: readonly FuzzTarget[]
  readonly progress?: (done: number, failures: number) => void
}

interface FuzzFailure {
  readonly target: string
  readonly index: number
  readonly what: string
  /** The input, in hexadecimal. */
  readonly input: string
}

export interface FuzzResult {
  readonly runs: number
  readonly byTarget: ReadonlyMap<string, number>
  readonly failures: readonly FuzzFailure[]
  /** Largest number of reads, and of values in a result, per byte of input. */
  readonly mostReads: number
  readonly mostValues: number
  /** Largest work that was charged per byte of input, and by which target. */
  readonly mostCharged: ReadonlyMap<string, number>
}

/**
 * Reads that a parser may take for an input: every byte is looked at a bounded number of times. Reads are counted where
 * bytes are read as numbers, and the count stops a parser that would go on for ever.
 */
const readsAllowed = (length: number) => 8 * length + 8192
/**
 * Work that may be charged for an input: a machine charges some thousands whatever file of it is changed, and a byte is
 * read as a byte, as a character and as a part of a line.
 */
const chargesAllowed = (length: number) => 8 * length + 65_536
/** Values that a result may hold; a whole machine has some thousands whatever file of it is changed. */
const valuesAllowed = (length: number) => 32 * length + 8192

/** Not an error of a parser: the counter's way to stop one that does not end. */
class TooManyReads extends Error {}

let reads = 0
let allowed = Number.POSITIVE_INFINITY

/** Where every number that is read from bytes comes through. */
const PROTOTYPE = DataView.prototype

type Getter = 'getUint8' | 'getUint16' | 'getUint32' | 'getBigUint64'
const GETTERS: readonly Getter[] = ['getUint8', 'getUint16', 'getUint32', 'getBigUint64']

/** Counts every number that is read from bytes, while `run` runs. */
function counting<T>(run: () => T): T {
  const originals = GETTERS.map((name) => [name, Object.getOwnPropertyDescriptor(DataView.prototype, name)] as const)
  for (const [name, descriptor] of originals) {
    const original: unknown = descriptor?.value
    if (typeof original !== 'function') continue
    // Of every number that is read: arguments by name, for a list of them costs more than the reading.
    const counted = function (this: DataView, offset: number, isLittle?: boolean): unknown {
      if (++reads > allowed) throw new TooManyReads(`more than ${allowed} reads`)
      return original.call(this, offset, isLittle)
    }
    Reflect.defineProperty(PROTOTYPE, name, { value: counted, configurable: true, writable: true })
  }
  try {
    return run()
  } finally {
    for (const [name, descriptor] of originals) if (descriptor) Reflect.defineProperty(PROTOTYPE, name, descriptor)
  }
}

function inputFor(random: Random, target: FuzzTarget): Uint8Array {
  const pick = () => target.seeds[random.int(target.seeds.length)]
  const seed = pick()
  if (!seed || random.int(20) === 0) return randomBytes(random, random.int(200))
  let { bytes } = seed
  const changes = 1 + random.int(4)
  for (let change = 0; change < changes; change++) {
    const way = random.int(10)
    if (seed.fields.length > 0 && way < 6) bytes = changeField(random, bytes, seed.fields)
    else if (target.kind === 'text' && way < 7) bytes = changeText(random, bytes)
    else bytes = changeBytes(random, bytes, pick()?.bytes ?? bytes)
  }
  return target.kind === 'acpi' && random.int(2) === 0 ? withSoundHeader(bytes) : bytes
}

const MARGIN = 96

/** Bytes that read like small lengths, counts and offsets; and bytes that are all large. */
const SURROUNDINGS: readonly Uint8Array[] = [
  Uint8Array.from({ length: MARGIN }, (_, index) => (index * 7) & 0x1f),
  new Uint8Array(MARGIN).fill(0xff),
]

/** The same bytes from the middle of a larger buffer, with other bytes around them. */
function surrounded(input: Uint8Array, margin: Uint8Array): Uint8Array {
  const whole = new Uint8Array(input.length + 2 * MARGIN)
  whole.set(margin)
  whole.set(input, MARGIN)
  whole.set(margin, MARGIN + input.length)
  return whole.subarray(MARGIN, MARGIN + input.length)
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')

class Fuzzer {
  readonly failures: FuzzFailure[] = []
  readonly byTarget = new Map<string, number>()
  mostReads = 0
  mostValues = 0
  readonly mostCharged = new Map<string, number>()
  private readonly targets: readonly FuzzTarget[]
  private readonly bounds: readonly number[]
  private readonly total: number

  constructor(targets: readonly FuzzTarget[]) {
    this.targets = targets
    let sum = 0
    this.bounds = targets.map(({ weight }) => (sum += Math.max(1, Math.round(weight * 100))))
    this.total = sum
  }

  run(seed: number, index: number): void {
    const random = new Random(Math.imul(seed, 0x9e3779b1) ^ index)
    const place = random.int(this.total)
    const target = this.targets[this.bounds.findIndex((bound) => place < bound)]
    if (!target) return
    this.byTarget.set(target.name, (this.byTarget.get(target.name) ?? 0) + 1)
    const input = random.int(200) === 0 ? amplified(random, target) : inputFor(random, target)
    const what = this.faultOf(target, input)
    if (what !== undefined && this.failures.length < 100)
      this.failures.push({ target: target.name, index, what, input: hexOf(input) })
  }

  private faultOf(target: FuzzTarget, input: Uint8Array): string | undefined {
    const copy = input.slice()
    reads = 0
    allowed = readsAllowed(input.length)
    try {
      const budget = new Budget()
      const result = target.parse(input, budget)
      const charged = budget.total / (input.length + 64)
      this.mostCharged.set(target.name, Math.max(charged, this.mostCharged.get(target.name) ?? 0))
      if (budget.total > chargesAllowed(input.length)) return `${budget.total} charged for ${input.length} bytes`
      this.mostReads = Math.max(this.mostReads, reads / (input.length + 64))
      if (firstDifference(copy, input) !== undefined) return 'the input was written to'
      const values = sizeOf(result)
      this.mostValues = Math.max(this.mostValues, values / (input.length + 64))
      if (values > valuesAllowed(input.length)) return `${values} values from ${input.length} bytes`
      for (const [number, margin] of SURROUNDINGS.entries()) {
        reads = 0
        const other = target.parse(surrounded(copy, margin), new Budget())
        const difference = firstDifference(result, other)
        if (difference !== undefined) return `surrounding ${number} changes ${difference}`
      }
      return undefined
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    } finally {
      allowed = Number.POSITIVE_INFINITY
    }
  }
}

/**
 * Parses `runs` mutated inputs, spread over all parsers: structure-aware (fields that the format has), blind (bytes,
 * lines and words), and plain random. A failure is an exception, more reads or values than the input's length allows,
 * or a result that is not the same from the middle of a larger buffer.
 */
export function fuzz({ runs, seed, from = 0, progress, targets = fuzzTargets() }: FuzzOptions): FuzzResult {
  const fuzzer = new Fuzzer(targets)
  counting(() => {
    for (let index = from; index < from + runs; index++) {
      fuzzer.run(seed, index)
      if (progress && (index + 1) % 100_000 === 0) progress(index + 1 - from, fuzzer.failures.length)
    }
  })
  const { byTarget, failures, mostReads, mostValues, mostCharged } = fuzzer
  return { runs, byTarget, failures, mostReads, mostValues, mostCharged }
}

/** All work of one parse: what it charges, the numbers it reads from bytes, and the values it answers with. */
export function workOf(target: FuzzTarget, input: Uint8Array): number {
  return counting(() => {
    reads = 0
    const budget = new Budget()
    const result = target.parse(input, budget)
    return reads + budget.total + sizeOf(result)
  })
}
