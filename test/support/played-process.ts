import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** What happens to a byte of standard output. */
export type Reader = 'reads' | 'slow' | 'gone' | 'full'

/** What a process finds around it. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string>>
  readonly input: Uint8Array
  readonly reader: Reader
}

/** What is left of a process. */
export interface Outcome {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Thrown where a process would have ended: `process.exit` has to leave in some way. */
class Ended extends Error {}

/** What `guardProcess` listens to. */
const GUARDS = ['uncaughtException', 'unhandledRejection', 'exit'] as const
const [STDIN, STDOUT, STDERR] = [0, 1, 2]
/** What a slow reader takes at once, and what one takes that goes away. */
const [FEW_BYTES, BYTES_UNTIL_GONE] = [1000, 300]

const failed = (code: string) => Object.assign(new Error(`${code}: write`), { code, syscall: 'write' })

/** One process played within this one: its streams, its exit code. */
class PlayedProcess {
  readonly #surroundings: Surroundings
  readonly #written: Readonly<Record<number, Buffer[]>> = { [STDOUT]: [], [STDERR]: [] }
  #offset = 0
  #taken = 0
  #isBusy = false
  exitCode: number | undefined

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  exit(code: number): never {
    this.exitCode ??= code
    throw new Ended()
  }

  write(descriptor: number, bytes: Uint8Array): number {
    // What runs on only because an exception had to stand for the end.
    if (this.exitCode !== undefined) return bytes.length
    const count = descriptor === STDOUT ? this.#accepted(bytes.length) : bytes.length
    this.#written[descriptor]?.push(Buffer.from(bytes.subarray(0, count)))
    return count
  }

  #accepted(count: number): number {
    const { reader } = this.#surroundings
    if (reader === 'full') throw failed('ENOSPC')
    if (reader === 'slow') {
      this.#isBusy = !this.#isBusy && this.#taken === 0
      if (this.#isBusy) throw failed('EAGAIN')
    }
    if (reader === 'gone' && this.#taken >= BYTES_UNTIL_GONE) throw failed('EPIPE')
    const accepted = reader === 'reads' ? count : Math.min(count, reader === 'slow' ? FEW_BYTES : BYTES_UNTIL_GONE)
    this.#taken += accepted
    return accepted
  }

  read(into: Uint8Array): number {
    const part = this.#surroundings.input.subarray(this.#offset, this.#offset + into.length)
    into.set(part)
    this.#offset += part.length
    return part.length
  }

  /** What goes past the program's own way to its streams. */
  writeText(descriptor: number, text: string | Uint8Array): true {
    if (this.exitCode === undefined) this.#written[descriptor]?.push(Buffer.from(text))
    return true
  }

  text(descriptor: number): string {
    return Buffer.concat(this.#written[descriptor] ?? []).toString('utf8')
  }
}

/** Runs the program's own functions as a process would: arguments, environment, standard streams, end. */
export type RunProcess = <T>(
  words: readonly string[],
  surroundings: Surroundings,
  program: () => Promise<T>,
) => Promise<Outcome | { readonly returned: T; readonly output: string }>

/** Puts other values in place, and gives what puts back what was there. */
function replaced(target: object, values: Readonly<Record<string, unknown>>): () => void {
  const before = Object.keys(values).map((name) => [name, Object.getOwnPropertyDescriptor(target, name)] as const)
  Object.assign(target, values)
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(target, name, descriptor)
      else Reflect.deleteProperty(target, name)
    }
  }
}

/** What a process has of its own, put in place of this one's. */
function playing(played: PlayedProcess, words: readonly string[], { environment }: Surroundings): () => void {
  const isGuard = (event: string) => GUARDS.some((guard) => guard === event)
  const listen = process.on.bind(process)
  const { exitCode } = process
  const putBack = [
    replaced(process, {
      argv: [process.execPath, 'intremap', ...words],
      env: { ...environment },
      exit: (code: number) => played.exit(code),
      // A process that is guarded is so for its life.
      on: (event: 'exit', listener: () => void) => (isGuard(event) ? process : listen(event, listener)),
    }),
    replaced(process.stdout, { write: (text: string | Uint8Array) => played.writeText(STDOUT, text) }),
    replaced(process.stderr, { write: (text: string | Uint8Array) => played.writeText(STDERR, text) }),
  ]
  return () => {
    for (const put of putBack) put()
    process.exitCode = exitCode
  }
}

/**
 * Calls `body` with what plays processes within this one, and puts everything of the real one back: the functions of `fs`
 * that reach its standard streams, and after each run its words, environment and end. Not played are terminals and signals.
 */
export async function withPlayedProcesses<T>(body: (run: RunProcess) => Promise<T>): Promise<T> {
  const { writeSync, readSync } = fs
  let played: PlayedProcess | undefined
  const putBack = replaced(fs, {
    writeSync(descriptor: number, bytes: Uint8Array, ...rest: readonly number[]) {
      const isPlayed = played !== undefined && (descriptor === STDOUT || descriptor === STDERR)
      return isPlayed ? played?.write(descriptor, bytes.subarray(rest[0])) : writeSync(descriptor, bytes, ...rest)
    },
    readSync(descriptor: number, into: Uint8Array, offset: number, length: number, position: number | null) {
      const isPlayed = played !== undefined && descriptor === STDIN
      return isPlayed
        ? played?.read(into.subarray(offset, offset + length))
        : readSync(descriptor, into, offset, length, position)
    },
  })
  syncBuiltinESMExports()
  try {
    return await body(async (words, surroundings, program) => {
      const one = new PlayedProcess(surroundings)
      const end = playing(one, words, surroundings)
      played = one
      try {
        const returned = await program()
        return { returned, output: one.text(STDOUT) + one.text(STDERR) }
      } catch (error) {
        if (one.exitCode === undefined) throw error
        return { exitCode: one.exitCode, stdout: one.text(STDOUT), stderr: one.text(STDERR) }
      } finally {
        played = undefined
        end()
      }
    })
  } finally {
    putBack()
    syncBuiltinESMExports()
  }
}
