import { execFileSync } from 'node:child_process'

/** Runs a program and gives its standard output. Throws with its standard error when it fails or is not there. */
export function run(program: string, words: readonly string[], directory?: string): string {
  return execFileSync(program, words, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, LC_ALL: 'C' },
    ...(directory === undefined ? {} : { cwd: directory }),
  })
}

/** What a program makes of the bytes on its standard input. */
export function filter(program: string, words: readonly string[], input: Uint8Array): Uint8Array {
  return execFileSync(program, words, { input, maxBuffer: 256 * 1024 * 1024 })
}
