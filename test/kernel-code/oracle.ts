import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseRelease, type KernelRelease } from '../../src/kernel/release.js'

/** Folder with one folder a release, `6.1`, that holds what `get-sources.sh` puts there. */
export const SOURCES = process.env['INTREMAP_KERNEL_SOURCES'] ?? ''
/** How many questions to ask of each function and release. */
export const QUESTIONS = Number(process.env['INTREMAP_QUESTIONS'] ?? '50000')
/** Long enough for a slow machine: 3 ms a question, compiler included. */
export const TIMEOUT = 600_000 + 3 * QUESTIONS
export const SEED = Number(process.env['INTREMAP_SEED'] ?? '1')

export const RELEASES = ['6.1', '6.12', '7.2'].filter((release) => existsSync(join(SOURCES, release, 'drivers')))

/** A release as its source says it, updates included: `6.1.176`. */
export function releaseOf(release: string): KernelRelease {
  const file = join(SOURCES, release, 'version')
  const parsed = parseRelease(existsSync(file) ? readFileSync(file, 'utf8') : release)
  if (!parsed) throw new Error(release)
  return parsed
}

export function kernelFile(release: string, path: string): string {
  return readFileSync(join(SOURCES, release, path), 'utf8')
}

/** A file of ours that makes a program of what was cut out: `KERNEL` on a line of its own is replaced. */
export function withStubs(stubs: string, kernel: string): string {
  const text = readFileSync(fileURLToPath(new URL(stubs, import.meta.url)), 'utf8')
  return text.replace(/^\/\* KERNEL \*\/$/m, () => kernel)
}

/** Linux's own code as a program that answers what it reads on standard input. */
export class Oracle {
  private readonly directory = mkdtempSync(join(tmpdir(), 'kernel-code-'))
  private readonly program = join(this.directory, 'oracle')

  /** Compiles C text with gcc, flags of the stubs' choice included. */
  constructor(code: string, flags: readonly string[] = []) {
    const file = join(this.directory, 'oracle.c')
    writeFileSync(file, code)
    execFileSync('gcc', ['-O1', '-w', ...flags, '-o', this.program, file])
  }

  /** Its output lines. */
  ask(input: Uint8Array): readonly string[] {
    const run = spawnSync(this.program, { input, maxBuffer: 1 << 30, encoding: 'utf8' })
    if (run.status !== 0) throw new Error(`the oracle ended with ${run.status ?? run.signal ?? ''}: ${run.stderr}`)
    return run.stdout.split('\n')
  }

  /** What it prints of its own tables when it is called with a word. */
  list(word: string): readonly string[] {
    return execFileSync(this.program, [word], { encoding: 'utf8' }).trimEnd().split('\n')
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** 32-bit numbers, little-endian as this machine's C reads them. */
export function words(...values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, 4 * index)
  return bytes
}

/** Counts answers, and keeps one example of each kind of difference. */
export class Comparison {
  equal = 0
  unknown = 0
  private readonly kinds = new Map<string, { count: number; readonly example: string }>()

  private readonly reasons = new Map<string, number>()

  differs(kind: string, example: () => string): void {
    const seen = this.kinds.get(kind)
    if (seen) seen.count++
    else this.kinds.set(kind, { count: 1, example: example() })
  }

  /** A difference that is meant, by its reason. */
  named(reason: string): void {
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1)
  }

  get asked(): number {
    const named = [...this.reasons.values()].reduce((sum, count) => sum + count, 0)
    return this.equal + this.unknown + named + [...this.kinds.values()].reduce((sum, { count }) => sum + count, 0)
  }

  get summary(): string {
    const named = [...this.reasons].map(([reason, count]) => `, ${count} ${reason}`).join('')
    return `${this.asked} questions, ${this.equal} equal, ${this.unknown} unknown of ours${named}`
  }

  /** A line for each kind of difference, with its first example. */
  get differences(): readonly string[] {
    return [...this.kinds].map(([kind, { count, example }]) => `${count} × ${kind}: ${example}`)
  }
}
