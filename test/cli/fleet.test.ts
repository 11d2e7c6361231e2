import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bundleOf, intremap, smallMachine, writeTree } from './run-intremap.js'
import { temporaryDirectory } from '../support/temporary-directories.js'

const FIXTURES = new URL('../fixtures/', import.meta.url).pathname
const some = readdirSync(FIXTURES)
  .filter((name) => name.endsWith('.tar.gz'))
  .slice(0, 6)

/** Captures in directories of racks, with what is none between them. */
function racks(): string {
  const directory = temporaryDirectory()
  for (const [index, name] of some.entries()) {
    const rack = join(directory, `rack${index % 2}`)
    mkdirSync(rack, { recursive: true })
    copyFileSync(join(FIXTURES, name), join(rack, name))
  }
  writeFileSync(join(directory, 'rack0', 'cut.tar.gz'), readFileSync(join(FIXTURES, some[0] ?? '')).subarray(0, 900))
  writeFileSync(join(directory, 'rack1', 'notes.txt'), 'nothing of a machine\n')
  return directory
}

interface Host {
  readonly path: string
  readonly error?: string
  readonly verdict?: string
  readonly devices?: Readonly<Record<string, number>>
}
const isHost = (value: unknown): value is Host => typeof value === 'object' && value !== null && 'path' in value
function hostOf(value: unknown): Host {
  if (!isHost(value)) throw new Error('no host')
  return value
}

describe('fleet', () => {
  test('one bad input never ends a run, and threads change nothing', async () => {
    const directory = racks()
    const [alone, threads] = await Promise.all([
      intremap(['fleet', directory, '--json', '--jobs', '1']),
      intremap(['fleet', directory, '--json', '--jobs', '2']),
    ])
    expect(threads).toEqual(alone)
    const fleet: unknown = JSON.parse(alone.stdout)
    expect(fleet).toMatchObject({ schema: 'intremap/fleet', errors: { count: 2 }, exitCode: alone.exitCode })
  })

  test('a host a line, in order, as probe judges it', async () => {
    const directory = racks()
    const run = await intremap(['fleet', directory, '--format', 'ndjson', '--jobs', '2'])
    const lines = run.stdout
      .trimEnd()
      .split('\n')
      .map((line) => hostOf(JSON.parse(line)))
    expect(lines.map(({ path }) => path)).toEqual(lines.map(({ path }) => path).toSorted())
    expect(lines.filter(({ error }) => error !== undefined)).toHaveLength(2)
    const [first] = lines.filter(({ error }) => error === undefined)
    const probed: unknown = JSON.parse((await intremap(['probe', '--json', first?.path ?? ''])).stdout)
    expect(probed).toMatchObject({ summary: { devices: {} } })
    const weakest = ['not-isolated', 'unknown', 'isolated-with-caveats', 'isolated']
    expect(weakest.find((verdict) => (first?.devices?.[verdict] ?? 0) > 0)).toBe(first?.verdict)
  })

  test('takes reports, trees, and a list on standard input', async () => {
    const directory = temporaryDirectory()
    const tree = writeTree(smallMachine())
    const report = join(directory, 'report.json')
    const bundle = join(directory, 'machine.tar.gz')
    writeFileSync(report, (await intremap(['probe', '--json', '--sysroot', tree])).stdout)
    writeFileSync(bundle, bundleOf(smallMachine()))
    const run = await intremap(['fleet', '-', '--json'], { input: Buffer.from(`${tree}\n${report}\n\n${bundle}\n`) })
    expect(JSON.parse(run.stdout)).toMatchObject({
      clusters: [{ hosts: 3 }],
      errors: { count: 0 },
      hosts: { unknown: 3 },
    })
    expect(run.exitCode).toBe(3)
  })

  test('an older report is told, not counted', async () => {
    const older = join(temporaryDirectory(), 'old.json')
    writeFileSync(
      older,
      JSON.stringify({ schema: 'intremap/report', schemaVersion: '1.0.0', devices: [{ role: 'endpoint' }] }),
    )
    const run = await intremap(['fleet', older])
    expect(run.stdout).toContain('earlier version')
    expect(run.exitCode).toBe(3)
  })

  test.each([
    [['fleet'], 64],
    [['fleet', '/nowhere/at/all'], 66],
    [['fleet', FIXTURES, '--jobs', 'many'], 64],
    [['fleet', FIXTURES, '--json', '--format', 'ndjson'], 64],
  ] as const)('%j ends with %i', async (words, exitCode) => {
    expect(await intremap([...words])).toMatchObject({ exitCode })
  })
})
