import { spawn } from 'node:child_process'
import { closeSync, cpSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { emulatedMachines, exampleMachine, PREFERRED_EXAMPLE } from '../../src/inputs/emulated-machines.js'
import { jsonSchemaOf } from '../../src/schemas/published-schemas.js'
import { intremapHere } from './run-here.js'
import {
  bundleOf,
  copyOfProgram,
  intremap,
  PACKAGE_ROOT,
  replaceInProgram,
  smallMachine,
  writeTree,
} from './run-intremap.js'
import { temporaryDirectory } from '../support/temporary-directories.js'

const machine = writeTree(smallMachine())
const ESC = '\u001b'

/** Many functions, so that the report is larger than a pipe's buffer of 64 KiB. */
function largeMachine(): string {
  const files: Record<string, string | { link: string }> = { 'proc/sys/kernel/osrelease': '6.12.0\n' }
  for (let index = 0; index < 256; index += 1) {
    const name = `0000:${(index >> 5).toString(16).padStart(2, '0')}:${(index & 31).toString(16).padStart(2, '0')}.0`
    files[`sys/bus/pci/devices/${name}`] = { link: `../../../devices/pci0000:00/${name}` }
    files[`sys/devices/pci0000:00/${name}/vendor`] = '0x8086\n'
    files[`sys/devices/pci0000:00/${name}/device`] = '0x10d3\n'
    files[`sys/devices/pci0000:00/${name}/class`] = '0x020000\n'
  }
  return writeTree(files)
}

describe('probe', () => {
  test('the three ways to the same machine give the same report but for its source', async () => {
    const bundle = bundleOf(smallMachine())
    const runs = await Promise.all([
      intremapHere(['probe', '--json', '--sysroot', machine]),
      intremapHere(['probe', '--json', '--bundle', '-'], { input: bundle }),
    ])
    const reports = runs.map((run) => {
      const parsed: unknown = JSON.parse(run.stdout)
      expect(parsed).toMatchObject({ exitCode: run.exitCode })
      return { ...(typeof parsed === 'object' ? parsed : {}), source: undefined }
    })
    expect(reports[0]).toMatchObject({ devices: [{ address: '0000:00:01.0', driver: 'e1000e', vendorId: '0x8086' }] })
    expect(reports[1]).toEqual(reports[0])
  })

  test('--json holds the same whatever people want to see', async () => {
    const plain = await intremapHere(['probe', '--json', '--sysroot', machine])
    const all = await intremapHere(['probe', '--json', '--all', '--color', 'always', '--sysroot', machine])
    expect(all).toEqual(plain)
    const valid = new Ajv2020().compile(jsonSchemaOf('report', true))
    expect(valid(JSON.parse(plain.stdout)), JSON.stringify(valid.errors)).toBe(true)
  })

  test.each([
    ['ndjson', /^\{"schema":"intremap\/device"/, 3],
    ['markdown', /^\*\*\?\? UNKNOWN/, 3],
    ['html', /^<!doctype html>/, 3],
    ['prometheus', /^# HELP intremap_info /, 3],
    ['nagios', /^INTREMAP UNKNOWN - /, 3],
    ['nfd', /^# \+expiry-time=/, 3],
  ])('--format %s, to standard output and to a file that is kept unless forced', async (format, start, exitCode) => {
    const words = ['probe', '--sysroot', machine, '--format', format]
    const shown = await intremapHere(words)
    expect(shown.stdout).toMatch(start)
    expect(shown.exitCode).toBe(exitCode)
    const file = join(temporaryDirectory(), 'report')
    expect(await intremapHere([...words, '-o', file])).toEqual({ ...shown, stdout: '' })
    expect(readFileSync(file, 'utf8')).toMatch(start)
    expect(await intremapHere([...words, '-o', file])).toMatchObject({ exitCode: 64, stdout: '' })
    expect(await intremapHere([...words, '--force', '--output', file])).toEqual({ ...shown, stdout: '' })
  })

  test('is unknown, with a word about it, where the tree is no machine', async () => {
    const capture = writeTree({ 'oracle.json': '{}', 'sysroot/sys/power/state': 'mem\n' })
    const run = await intremapHere(['probe', '--sysroot', capture, '--json'])
    expect(run.exitCode).toBe(3)
    expect(run.stderr).toContain('it holds neither sys nor proc of a machine.')
    expect(run.stderr).toContain(`Perhaps ${capture}/sysroot is meant.`)
    expect(JSON.parse(run.stdout)).toMatchObject({ summary: { verdict: 'unknown' }, devices: [], exitCode: 3 })
    const bundle = await intremapHere(['probe', '--bundle', '-'], { input: bundleOf({ 'notes/read.me': 'nothing' }) })
    expect(bundle).toMatchObject({ exitCode: 3 })
    expect(bundle.stderr).toContain('Give what holds sys and proc.')
  })

  test('a host that cannot be judged is told, and never is an exit code of 0', async () => {
    const { exitCode, stdout } = await intremapHere(['probe', '--sysroot', writeTree({ 'proc/version': '' })])
    expect(exitCode).toBe(3)
    expect(stdout).toMatch(/^\?\? UNKNOWN: /)
  })

  test('--fail-on decides the exit code, not the words', async () => {
    const strict = await intremapHere(['probe', '--sysroot', machine])
    const lenient = await intremapHere(['probe', '--sysroot', machine, '--fail-on', 'never'])
    expect([strict.exitCode === 0, lenient.exitCode]).toEqual([false, 0])
    expect(lenient.stdout).toBe(strict.stdout)
  })
})

describe('check', () => {
  test('is one sentence and the exit code of the report', async () => {
    const json = await intremapHere(['check', '00:01.0', '--json', '--sysroot', machine])
    const human = await intremapHere(['check', '0000:00:01.0', '--sysroot', machine], { env: { COLUMNS: '500' } })
    expect(human.exitCode).toBe(json.exitCode)
    expect(JSON.parse(json.stdout)).toMatchObject({ devices: [{ address: '0000:00:01.0' }], exitCode: json.exitCode })
    expect(human.stdout.replaceAll('\n', ' ')).toMatch(
      /^(?:!!|\?\?|~~|ok) 0000:00:01\.0 \(Ethernet 8086:10d3, [^.]*\. $/,
    )
  })

  test('flags may stand before the address', async () => {
    const run = await intremapHere(['check', '--fail-on', 'never', '00:01.0', '--sysroot', machine])
    expect(run.exitCode).toBe(0)
  })
})

test('rules lists every rule, in both forms', async () => {
  const json = await intremapHere(['rules', '--json'])
  const catalogue: unknown = JSON.parse(json.stdout)
  expect(catalogue).toMatchObject({ schema: 'intremap/rules' })
  const ids = json.stdout.match(/"id": "IR\d+"/g)?.map((text) => text.slice(7, -1)) ?? []
  expect(ids.length).toBeGreaterThan(5)
  const human = await intremapHere(['rules'])
  for (const id of ids) expect(human.stdout).toContain(`\n${id}  `)
  for (const line of human.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
})

test.each(['report', 'error', 'explanation', 'lint'])('schema %s is a schema that compiles', async (name) => {
  const { stdout, exitCode } = await intremapHere(['schema', name])
  expect(exitCode).toBe(0)
  const schema: unknown = JSON.parse(stdout)
  expect(schema).toMatchObject({ $id: `urn:intremap:schema:${name}:1` })
  expect(typeof schema === 'object' && schema !== null ? new Ajv2020().validateSchema(schema) : false).toBe(true)
})

describe('help', () => {
  test('fits 80 columns, whatever the command', async () => {
    const commands = [
      'probe',
      'check',
      'explain',
      'lint',
      'decode',
      'diff',
      'topology',
      'fleet',
      'capture',
      'selftest',
      'rules',
      'schema',
      'emulate',
    ]
    const env = { COLUMNS: '80' }
    const runs = await Promise.all([
      intremap(['--help'], { env }),
      ...commands.map((name) => intremapHere([name, '--help'], { env })),
    ])
    const long = runs.flatMap(({ stdout }) => stdout.split('\n').filter((line) => line.length > 80))
    expect(long).toEqual([])
  })

  test.each(['probe', 'check', 'rules', 'schema'])('%s has help with an example', async (command) => {
    const run = await intremapHere([command, '--help'])
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(run.stdout).toContain(`$ intremap ${command}`)
    expect(run.stdout).toContain('EXAMPLES')
    expect(await intremapHere(['help', command])).toEqual(run)
  })

  test('the whole has every command and the exit codes', async () => {
    const { stdout, exitCode } = await intremap(['--help'])
    expect(exitCode).toBe(0)
    for (const word of ['probe', 'check', 'rules', 'schema', 'EXIT CODES', '70']) expect(stdout).toContain(word)
  })

  test('--version names version and runtime', async () => {
    const { stdout, exitCode } = await intremap(['--version'])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^intremap \d+\.\d+\.\d+ \(node v/)
  })
})

describe('colour', () => {
  const colored = async (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    (await intremapHere(['probe', '--sysroot', machine, ...words], { env })).stdout.includes(ESC)

  test.each<readonly [boolean, readonly string[], Readonly<Record<string, string>>]>([
    [false, [], {}],
    [true, [], { FORCE_COLOR: '1' }],
    [true, ['--color', 'always'], { NO_COLOR: '1' }],
    [false, ['--color', 'never'], { FORCE_COLOR: '1' }],
    [false, [], { NO_COLOR: '1' }],
    [false, ['--json', '--color', 'always'], {}],
  ])('%s for %j with %j, in a pipe', async (expected, words, env) => {
    expect(await colored(words, env)).toBe(expected)
  })
})

describe('pipes', () => {
  interface Ended {
    readonly code: unknown
    readonly signal: unknown
    readonly stderr: string
  }

  /** Closes standard output after the first chunk, or before anything is written. */
  async function withClosedOutput(words: readonly string[], when: 'at once' | 'after a chunk'): Promise<Ended> {
    const child = spawn(process.execPath, [join(PACKAGE_ROOT, 'bin/run.js'), ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const errors: string[] = []
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()))
    if (when === 'at once') child.stdout.destroy()
    else child.stdout.once('data', () => child.stdout.destroy())
    await once(child, 'close')
    return { code: child.exitCode, signal: child.signalCode, stderr: errors.join('') }
  }

  test.each(['at once', 'after a chunk'] as const)(
    'a reader that goes away %s ends it quietly, with its code',
    async (when) => {
      const large = largeMachine()
      for (const words of [
        ['probe', '--sysroot', large, '--json'],
        ['probe', '--sysroot', large, '--all'],
      ]) {
        const { exitCode } = await intremap(words)
        expect(await withClosedOutput(words, when)).toEqual({ code: exitCode, signal: null, stderr: '' })
      }
      expect(await withClosedOutput(['--help'], when)).toEqual({ code: 0, signal: null, stderr: '' })
    },
  )

  test('a large report is whole, however slowly it is read', async () => {
    const large = largeMachine()
    const child = spawn(process.execPath, [join(PACKAGE_ROOT, 'bin/run.js'), 'probe', '--sysroot', large, '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const chunks: Buffer[] = []
    for await (const chunk of child.stdout) {
      if (chunk instanceof Buffer) chunks.push(chunk)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    const text = Buffer.concat(chunks).toString()
    expect(text.length).toBeGreaterThan(65_536)
    expect(JSON.parse(text)).toMatchObject({ schema: 'intremap/report' })
  })

  test('a disk that is full is an error, not a verdict', async () => {
    const full = openSync('/dev/full', 'w')
    try {
      const child = spawn(process.execPath, [join(PACKAGE_ROOT, 'bin/run.js'), 'probe', '--sysroot', machine], {
        stdio: ['ignore', full, 'ignore'],
      })
      expect(await once(child, 'close')).toEqual([70, null])
    } finally {
      closeSync(full)
    }
  })
})

describe('hostile machines', () => {
  const hostile = `evil${ESC}[31m\u009b2J\u202e\nforged`

  test.each<readonly [readonly string[]]>([[[]], [['--all']], [['--json']]])(
    'no control character passes with %j',
    async (words) => {
      // Names of drivers and releases with such characters count as damaged; the name of the tree is the user's.
      const root = join(writeTree({}), hostile)
      cpSync(writeTree(smallMachine(hostile.replaceAll('\n', ''), `6.12${hostile.replaceAll('\n', '')}`)), root, {
        recursive: true,
        verbatimSymlinks: true,
      })
      const { stdout, stderr } = await intremap(['probe', '--sysroot', root, ...words])
      expect(stdout).toContain('evil')
      expect(`${stdout}${stderr}`.replaceAll('\n', '')).not.toMatch(
        /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2028\u2029]/,
      )
    },
  )
})

describe('bundled machines', () => {
  /** A copy of the program that has one machine, `tiny`, and takes an empty directory for the host. */
  function copyWithEmptyHost(host: string): string {
    const root = copyOfProgram()
    mkdirSync(join(root, 'test/fixtures'), { recursive: true })
    writeFileSync(join(root, 'test/fixtures/tiny.tar.gz'), bundleOf(smallMachine()))
    const live = `openDirectorySysroot(${JSON.stringify(host)}, { kind: "live", name: "/" })`
    replaceInProgram(root, /(?<!function )openHostSysroot\(\(\) => \w+\(\)\)/, () => live)
    return root
  }

  test('are shown by name, and the names are told', async () => {
    const root = copyWithEmptyHost(temporaryDirectory())
    const run = await intremap(['probe', '--json', '--emulated', 'tiny'], { root })
    expect(JSON.parse(run.stdout)).toMatchObject({ source: { kind: 'emulated', name: 'tiny' } })
    expect((await intremap(['probe', '--emulated', 'nosuch'], { root })).stderr).toContain(
      'selftest --list lists all 1.',
    )
  })

  test('stand in as an example on a host without a PCI function; the exit code stays its own', async () => {
    const host = writeTree({ 'sys/bus/pci/devices/.keep': '' })
    rmSync(join(host, 'sys/bus/pci/devices/.keep'))
    const root = copyWithEmptyHost(host)
    const human = await intremap(['probe'], { root })
    expect(human).toMatchObject({ exitCode: 3, stderr: '' })
    expect(human.stdout).toMatch(/^\?\? UNKNOWN: there is nothing to judge: no PCI endpoint was found\.\n/)
    expect(human.stdout).toContain('\nEXAMPLE: not this host but a bundled machine')
    expect(human.stdout).toContain('Ethernet 8086:10d3')
    const json = await intremap(['probe', '--json'], { root })
    expect(json.exitCode).toBe(3)
    expect(JSON.parse(json.stdout)).toMatchObject({ source: { kind: 'live' }, devices: [], exitCode: 3 })
    expect((await intremap(['probe', '--device', '00:01.0'], { root })).exitCode).toBe(66)
  })

  const shipped = emulatedMachines()
  test.skipIf(shipped.length === 0)(`the preferred example is among the ${shipped.length} that are shipped`, () => {
    expect(exampleMachine()).toBe(PREFERRED_EXAMPLE)
  })
})
