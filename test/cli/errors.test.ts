import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { jsonSchemaOf } from '../../src/schemas/published-schemas.js'
import { intremapHere } from './run-here.js'
import { bundleOf, intremap, smallMachine, writeTree } from './run-intremap.js'
import { temporaryDirectory } from '../support/temporary-directories.js'

const validError = new Ajv2020().compile(jsonSchemaOf('error', true))
const machine = writeTree(smallMachine())

interface Row {
  readonly words: readonly string[]
  readonly exitCode: number
  readonly path: string
  /** Part of the message for people. */
  readonly message: string
  readonly input?: string | Uint8Array
}

const rows: readonly Row[] = [
  { words: [], exitCode: 64, path: 'none', message: 'no command given' },
  { words: ['frobnicate'], exitCode: 64, path: 'frobnicate', message: 'unknown command frobnicate' },
  { words: ['help', 'frobnicate'], exitCode: 64, path: 'frobnicate', message: 'unknown command frobnicate' },
  { words: ['probe', '--frobnicate'], exitCode: 64, path: '--frobnicate', message: 'unknown flag --frobnicate' },
  { words: ['--frobnicate', 'probe'], exitCode: 64, path: '--frobnicate', message: 'unknown flag --frobnicate' },
  { words: ['probe', '--device'], exitCode: 64, path: '--device', message: '--device needs a value' },
  { words: ['probe', '--sysroot'], exitCode: 64, path: '--sysroot', message: '--sysroot needs a value' },
  { words: ['rules', 'extra'], exitCode: 64, path: 'extra', message: 'unexpected argument extra' },
  { words: ['probe', '/nowhere'], exitCode: 66, path: '/nowhere', message: 'no such file' },
  { words: ['check'], exitCode: 64, path: 'ADDR', message: 'missing argument ADDR' },
  { words: ['probe', '--jsn'], exitCode: 64, path: '--jsn', message: 'Perhaps --json is meant.' },
  {
    words: ['probe', '--kernel-release', '2.6'],
    exitCode: 64,
    path: '--kernel-release',
    message: 'VFIO came with 3.6',
  },
  { words: ['explain', 'smuu'], exitCode: 66, path: 'smuu', message: 'Near it: SMMU.' },
  { words: ['check', 'eth0'], exitCode: 64, path: 'eth0', message: '"eth0" is no PCI address' },
  { words: ['probe', '--device', '1:2'], exitCode: 64, path: '1:2', message: '"1:2" is no PCI address' },
  { words: ['probe', '--group', 'x'], exitCode: 64, path: 'x', message: '"x" is no IOMMU group' },
  { words: ['probe', '--fail-on', 'bad'], exitCode: 64, path: '--fail-on', message: '--fail-on is bad' },
  {
    words: ['probe', '--fail-on', 'never', '--fail-on', 'caveats'],
    exitCode: 64,
    path: '--fail-on',
    message: 'contradicts',
  },
  { words: ['probe', '--kernel-release', 'new'], exitCode: 64, path: '--kernel-release', message: 'no kernel release' },
  { words: ['probe', '--sysroot', '/', '--emulated', 'x'], exitCode: 64, path: '--sysroot', message: 'exclude' },
  { words: ['schema', 'poem'], exitCode: 64, path: 'none', message: 'poem' },
  {
    words: ['probe', '--format', 'sarif', '--format', 'junit'],
    exitCode: 64,
    path: '--format',
    message: 'given twice',
  },
  { words: ['probe', '--sysroot', '/nowhere'], exitCode: 66, path: '/nowhere', message: 'no such file' },
  { words: ['probe', '--bundle', '/nowhere'], exitCode: 66, path: '/nowhere', message: 'no such file' },
  { words: ['probe', '--emulated', '../x'], exitCode: 66, path: '../x', message: 'no bundled machine ../x' },
  {
    words: ['probe', '--sysroot', machine, '--device', '09:00.0'],
    exitCode: 66,
    path: '0000:09:00.0',
    message: 'no PCI function 0000:09:00.0',
  },
  { words: ['check', '09:00.0', '--sysroot', machine], exitCode: 66, path: '0000:09:00.0', message: 'no PCI function' },
  { words: ['probe', '--sysroot', machine, '--group', '7'], exitCode: 66, path: '7', message: 'no IOMMU group 7' },
  { words: ['probe', '--bundle', '/etc/passwd'], exitCode: 65, path: '/etc/passwd', message: 'not recognised' },
  {
    words: ['probe', '--bundle', '-'],
    exitCode: 65,
    path: 'standard input',
    message: 'not recognised',
    input: 'garbage',
  },
  {
    words: ['probe', '--bundle', '-'],
    exitCode: 65,
    path: 'standard input',
    message: 'standard input',
    input: bundleOf(smallMachine()).subarray(0, 100),
  },
  { words: ['probe', '--bundle', machine], exitCode: 65, path: machine, message: 'it is a directory' },
  { words: ['probe', '--sysroot', '/etc/passwd'], exitCode: 65, path: '/etc/passwd', message: 'it is no directory' },
]

describe.each(rows)('intremap $words is $exitCode', ({ words, exitCode, path, message, input }) => {
  const options = input === undefined ? {} : { input }

  test('as text: on standard error alone, what and where', async () => {
    const run = await intremapHere(words, options)
    expect(run).toMatchObject({ exitCode, stdout: '' })
    expect(run.stderr).toMatch(/^intremap: /)
    expect(run.stderr).toContain(message)
    expect(run.stderr).not.toMatch(/\n\s+at /)
  })

  test('under --json: the object on standard output alone', async () => {
    const run = await intremapHere([...words, '--json'], options)
    expect(run).toMatchObject({ exitCode, stderr: '' })
    const object: unknown = JSON.parse(run.stdout)
    expect(validError(object), JSON.stringify(validError.errors)).toBe(true)
    expect(object).toMatchObject({ schema: 'intremap/error', error: { path }, exitCode })
  })
})

test.each<readonly string[]>([
  ['probe', '--jsn'],
  ['frobnicate'],
  ['probe', '--sysroot', '/nowhere', '--json'],
  ['lint', '/etc/passwd'],
])('a process of its own ends as the one that is played: %s %s', async (...words) => {
  expect(await intremap(words)).toEqual(await intremapHere(words))
})

test('a capture on standard input is one without a flag too', async () => {
  const input = bundleOf(smallMachine())
  const [bare, named] = await Promise.all([
    intremapHere(['lint', '-'], { input }),
    intremapHere(['lint', '--bundle', '-'], { input }),
  ])
  expect(bare).toEqual(named)
  // A machine of which no table was collected.
  expect(bare.exitCode).toBe(3)
})

test('--json and another form exclude each other', async () => {
  for (const command of ['probe', 'lint']) {
    const run = await intremapHere([command, '--json', '--format', 'sarif'])
    expect(JSON.parse(run.stdout)).toMatchObject({ error: { code: 'usage', path: '--format' }, exitCode: 64 })
  }
})

test('a file that is not readable is not found, not a crash', async () => {
  // Root may read everything, so a link that leads nowhere stands in for it there.
  const directory = temporaryDirectory()
  expect(await intremapHere(['probe', '--bundle', `${directory}/${'x'.repeat(300)}`])).toMatchObject({ exitCode: 66 })
})

test('hostile arguments do not reach the terminal raw', async () => {
  for (const words of [
    ['\u001b[31mx'],
    ['probe', '--device', '\u001b]0;x\u0007'],
    ['probe', '--bundle', '/\u009b2J\n'],
  ]) {
    const { stderr, exitCode } = await intremapHere(words)
    expect(exitCode).toBeGreaterThanOrEqual(64)
    expect(stderr.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
  }
})
