import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect } from 'vitest'
import { compileSysroot } from './compiled-sysroot.js'
import { tar, type HandmadeEntry } from './handmade-tar.js'

// A bundle is somebody else's file. Each of these is opened by a process of its own with 256 MiB of heap, hardly any
// memory besides, an empty directory to work in, and half a minute. It may answer or refuse, in one line; it may not fall
// over, write, or say what is not so.
const OLD_SPACE = 256
/** What V8 takes beside it for what is new: three semi-spaces of 16 MiB each. */
const YOUNG_SPACE = 48
const MILLISECONDS = 30_000
/** Of this program alone: a process begins with the maxRSS of the one that started it. */
const RESIDENT =
  "Number(/VmHWM:\\s+(\\d+)/.exec(process.getBuiltinModule('node:fs').readFileSync('/proc/self/status', 'utf8'))[1]) / 1024"

export interface Outcome {
  readonly error?: { readonly name: string; readonly message: string; readonly stack: string }
  readonly notes: readonly string[]
  readonly answers: Readonly<Record<string, unknown>>
  readonly extras: readonly string[]
  /** Largest resident size of the process. */
  readonly megabytes: number
}

function isOutcome(value: unknown): value is Outcome {
  return typeof value === 'object' && value !== null && 'answers' in value && 'megabytes' in value
}

const OPENER = (modules: string): string => `
import { openBundle } from ${JSON.stringify(join(modules, 'bundle-sysroot.mjs'))}
import { readBundleFile } from ${JSON.stringify(join(modules, 'bundle-file.mjs'))}
const [file, name, ...paths] = process.argv.slice(2)
const outcome = { notes: [], answers: {}, extras: [] }
try {
  const { sysroot, notes, extras } = await openBundle(readBundleFile(file), name)
  outcome.notes = notes
  outcome.extras = [...extras.keys()]
  for (const path of paths) {
    const [, how, what] = /^(list|link|size):(.*)$/.exec(path) ?? [undefined, 'text', path]
    const read = how === 'size' ? sysroot.bytes(what) : sysroot[how](what)
    outcome.answers[path] = read.state !== 'known' ? read.reason ?? read.state : how === 'size' ? read.value.length : read.value
  }
} catch (error) {
  outcome.error = { name: error.name, message: error.message, stack: String(error.stack) }
}
process.stdout.write(JSON.stringify({ ...outcome, megabytes: ${RESIDENT} }))
`

let top: string
let workplace: string
let opener: string
/** Largest resident size, in MiB, of a process that does nothing: what the interpreter takes differs by release. */
let bare: number
/** Has a workplace while the tests of the calling file run. */
export function withWorkplace(): void {
  beforeAll(() => {
    top = mkdtempSync(join(tmpdir(), 'intremap-hostile-'))
    workplace = join(top, 'workplace')
    mkdirSync(workplace)
    opener = join(top, 'opener.mjs')
    writeFileSync(opener, OPENER(compileSysroot(top)))
    bare = Number(execFileSync(process.execPath, ['-p', RESIDENT], { encoding: 'utf8' }))
  })
  afterAll(() => rmSync(top, { recursive: true, force: true }))
}

/** Opens an archive in a process of its own, with what holds of every answer. */
export async function openApart(
  archive: Uint8Array,
  paths: readonly string[] = [],
  name = 'hostile.tar.gz',
): Promise<Outcome> {
  const file = join(top, 'hostile.tar.gz')
  writeFileSync(file, archive)
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [`--max-old-space-size=${OLD_SPACE}`, opener, file, name, ...paths],
    { cwd: workplace, timeout: MILLISECONDS, maxBuffer: 1 << 26 },
  )
  expect(stderr).toBe('')
  expect(readdirSync(workplace)).toEqual([])
  const outcome: unknown = JSON.parse(stdout)
  if (!isOutcome(outcome)) return expect.fail(stdout)
  expect(outcome.megabytes).toBeLessThan(bare + OLD_SPACE + YOUNG_SPACE)
  const said = [...outcome.notes, outcome.error?.message ?? '', outcome.error?.stack ?? '']
  for (const line of said) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
  expect(said.join('')).not.toContain('node:')
  if (outcome.error) expect(outcome.error.name).toBe('BundleError')
  return outcome
}

export const openEntries = (entries: readonly HandmadeEntry[], paths: readonly string[] = []): Promise<Outcome> =>
  openApart(gzipSync(tar(...entries)), paths)
export const anchor: HandmadeEntry = { name: 'sysroot/sys/anchor', content: 'here\n' }
export const unstacked = (outcome: Outcome): void =>
  expect(outcome.error?.stack).toBe(`BundleError: ${outcome.error?.message}`)
