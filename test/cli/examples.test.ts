import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { COMMAND_LIST } from '../../src/commands/command-list.js'
import { flagsWithValue } from '../../src/completion/offers.js'
import { startsHere } from '../support/outside.js'
import { PACKAGE_ROOT } from './run-intremap.js'
import { temporaryDirectory } from '../support/temporary-directories.js'

/** Two segments, so that every address and group that the examples name is there. */
const DESCRIPTION = {
  name: 'example-host',
  title: 'A host that has what the examples name',
  architecture: 'arm64',
  firmware: 'acpi',
  kernel: { release: '6.12.95+deb12-arm64' },
  iommus: [
    { name: 'smmu0', type: 'smmuv3', address: '0x3fffe0000000' },
    { name: 'smmu1', type: 'smmuv3', address: '0x2fffe0000000' },
  ],
  msiControllers: [
    { name: 'its0', type: 'its', id: 0, address: '0x100100040000' },
    { name: 'its1', type: 'its', id: 1, address: '0x100100060000' },
  ],
  rootComplexes: [
    {
      segment: 0,
      ecam: '0x3ffff0000000',
      iommu: 'smmu0',
      msi: 'its0',
      functions: [
        {
          address: '00:01.0',
          id: '1def:e100',
          driver: 'pcieport',
          msi: 1,
          functions: [
            { address: '01:00.0', id: '8086:1563', driver: 'ixgbe', msix: 8 },
            { address: '01:00.1', id: '8086:1563', driver: 'ixgbe', msix: 8 },
          ],
        },
        {
          address: '00:02.0',
          id: '1def:e100',
          driver: 'pcieport',
          msi: 1,
          functions: [{ address: '02:00.0', id: '144d:a808', class: '010802', driver: 'nvme', msix: 5 }],
        },
      ],
    },
    {
      segment: 1,
      ecam: '0x2ffff0000000',
      iommu: 'smmu1',
      msi: 'its1',
      functions: [
        {
          address: '00:01.0',
          id: '1def:e100',
          driver: 'pcieport',
          msi: 1,
          functions: [{ address: '01:00.0', id: '144d:a808', class: '010802', driver: 'nvme', msix: 5 }],
        },
      ],
    },
  ],
}

/** Texts as somebody posts them. */
const TEXTS = {
  'lspci.txt':
    '01:00.0 Ethernet controller [0200]: Intel Corporation Device [8086:1563] (rev 01)\n\tKernel driver in use: ixgbe\n' +
    '01:00.1 Ethernet controller [0200]: Intel Corporation Device [8086:1563] (rev 01)\n\tKernel driver in use: ixgbe\n',
  'dmesg.txt':
    '[    0.000000] Linux version 6.12.95+deb12-arm64 (builder@example) #1 SMP\n' +
    '[    1.000000] arm-smmu-v3 arm-smmu-v3.0.auto: ias 48-bit, oas 48-bit (features 0x00001fff)\n',
  'groups.txt': '/sys/kernel/iommu_groups/2/devices/0000:01:00.0\n/sys/kernel/iommu_groups/2/devices/0000:01:00.1\n',
} as const

/** Files for the exit code, as docs/automation.md shows them. */
const GATES = {
  'policy.json': {
    schema: 'intremap/policy',
    schemaVersion: '1.0.0',
    failOn: ['not-isolated'],
    failOnRules: ['IR001'],
  },
  'accepted.json': {
    schema: 'intremap/baseline',
    schemaVersion: '1.0.0',
    accepted: [{ accepts: 'IR003', reason: 'a virtual machine', expires: '9999-12-31' }],
  },
} as const

/** Stands for the program: notes its exit code, and looks at the example host where it would look at this one. */
const PROGRAM = (directory: string) => `#!${process.execPath}
const { appendFileSync } = require('node:fs')
const words = process.argv.slice(2)
const valued = new Set(${JSON.stringify([...new Set(COMMAND_LIST.flatMap(flagsWithValue))])})
const [id, ...rest] = words
const plain = rest.filter((word, at) => !word.startsWith('-') && !valued.has(rest[at - 1]))
const evidence = id === 'check' || id === 'explain' ? plain.slice(1) : plain
const live = ['probe', 'check', 'explain', 'capture', 'decode', 'lint', 'doctor', 'topology'].includes(id) && evidence.length === 0 &&
  !rest.includes('-') && !rest.some((word) => /^--(?:sysroot|bundle|emulated)$/.test(word))
const host = live ? ['--sysroot', '${directory}/host'] : []
process.on('exit', (code) => appendFileSync('${directory}/codes', code + ' ' + words.join(' ') + '\\n'))
process.argv = [process.execPath, '${join(PACKAGE_ROOT, 'bin/run.js')}', ...words, ...host]
import('${join(PACKAGE_ROOT, 'bin/run.js')}')
`

const OTHERS = {
  ssh: 'shift; exec sh -c "$*"',
  sudo: 'exec "$@"',
  scp: 'cp "$1" copied.sh',
  parallel: 'while read -r host; do sh -c "$(printf %s "$3" | sed "s/{}/$host/g")"; done < "$2"',
  ansible: 'exit 0',
} as const
/** Programs of other packages, each with what stands for it on a machine that lacks it. */
const MAYBE_MISSING = {
  // They read the output: it is read away.
  jq: { asked: '--version', text: 'cat > /dev/null' },
  duckdb: { asked: '--version', text: 'cat > /dev/null' },
  dot: { asked: '-V', text: 'cat > /dev/null' },
  // It writes what is read.
  lspci: { asked: '--version', text: 'cat lspci.txt' },
} as const

/** What is run by something else than this test, and why. */
const NOT_HERE: readonly RegExp[] = [
  // The continuous integration is one clone with `npm cit`.
  /^npm /,
  // Needs a container runtime and an image; the mounts are those of a test of its own.
  /^docker /,
]

/** Commands of the blocks for a shell in a page; a line that ends within quotes goes on. */
function commandsOf(page: string): readonly string[] {
  const text = readFileSync(join(PACKAGE_ROOT, page), 'utf8')
  const commands: string[] = []
  for (const [, block = ''] of text.matchAll(/^```sh\n(.*?)^```$/gms)) {
    let open = ''
    for (const line of block.trimEnd().split('\n')) {
      const whole = open === '' ? line : `${open}\n${line}`
      const isQuoted = whole.replaceAll(/"[^"']*"/g, '').split("'").length % 2 === 0
      open = isQuoted ? whole : ''
      if (!isQuoted) commands.push(whole)
    }
  }
  return commands
}

const directory = temporaryDirectory()
const inDirectory = (name: string) => join(directory, name)

function program(name: string, text: string): void {
  mkdirSync(inDirectory('bin'), { recursive: true })
  writeFileSync(inDirectory(`bin/${name}`), text)
  chmodSync(inDirectory(`bin/${name}`), 0o755)
}

/** As `acpidump` prints a table. */
function dumped(signature: string, bytes: Uint8Array): string {
  const rows = Array.from({ length: Math.ceil(bytes.length / 16) }, (_, row) => {
    const part = bytes.subarray(row * 16, row * 16 + 16)
    const hexadecimal = [...part].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ')
    const readable = [...part].map((byte) => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    return `    ${(row * 16).toString(16).toUpperCase().padStart(4, '0')}: ${hexadecimal.padEnd(47)}  ${readable}`
  })
  return `${signature} @ 0x0000000000000000\n${rows.join('\n')}\n\n`
}

function intremap(...words: readonly string[]): string {
  return execFileSync(process.execPath, [join(PACKAGE_ROOT, 'bin/run.js'), ...words], {
    encoding: 'utf8',
    cwd: directory,
  })
}

beforeAll(() => {
  program('intremap', PROGRAM(directory))
  for (const [name, text] of Object.entries(OTHERS)) program(name, `#!/bin/sh\n${text}\n`)
  for (const [name, { asked, text }] of Object.entries(MAYBE_MISSING))
    if (!startsHere(name, [asked])) program(name, `#!/bin/sh\n${text}\n`)
  writeFileSync(inDirectory('description.json'), JSON.stringify(DESCRIPTION))
  intremap('emulate', 'description.json', '-o', 'host')
  intremap('capture', '--sysroot', 'host', '-o', 'host.tar.gz')
  writeFileSync(inDirectory('report.json'), intremap('probe', '--bundle', 'host.tar.gz', '--json'))
  const tables = inDirectory('host/sys/firmware/acpi/tables')
  for (const [file, table] of [
    ['iort.dat', 'IORT'],
    ['apic.dat', 'APIC'],
    ['mcfg.dat', 'MCFG'],
  ] as const) {
    copyFileSync(join(tables, table), inDirectory(file))
  }
  const dump = ['IORT', 'APIC'].map((name) => dumped(name, readFileSync(join(tables, name)))).join('')
  writeFileSync(inDirectory('acpidump.txt'), dump)
  for (const [name, text] of Object.entries(TEXTS)) writeFileSync(inDirectory(name), text)
  for (const [name, value] of Object.entries(GATES)) writeFileSync(inDirectory(name), JSON.stringify(value))
  writeFileSync(inDirectory('post.txt'), Object.values(TEXTS).join('\n'))
  execFileSync('tar', [
    '-xzf',
    join(PACKAGE_ROOT, 'test/fixtures/rk3588-rock-5b.tar.gz'),
    '-C',
    directory,
    'sysroot/sys/firmware/fdt',
  ])
  copyFileSync(inDirectory('sysroot/sys/firmware/fdt'), inDirectory('board.dtb'))
})

/** The line with places of this test for those of a machine that is not here. */
const placed = (line: string) =>
  line
    .replaceAll(/\/mnt\/(?:captured|copied)/g, inDirectory('host'))
    .replaceAll('/sys/firmware', inDirectory('host/sys/firmware'))
    .replaceAll('${fpath[1]}', '$HOME')
    .replaceAll('/srv/captures', 'captures')
    .replaceAll(/\/(?:var\/lib|etc)\/[\w./-]*\/(?=intremap)/g, '')

const helpExamples = COMMAND_LIST.flatMap(({ examples }) => examples)
const pageExamples = [
  'README.md',
  ...['automation', 'captures', 'fleet', 'formats', 'questions'].map((name) => `docs/${name}.md`),
].flatMap(commandsOf)
const lines = [...new Set([...helpExamples, ...pageExamples])].filter(
  (line) => !NOT_HERE.some((pattern) => pattern.test(line)),
)

test('there are examples', () => {
  expect(helpExamples.length).toBeGreaterThan(30)
  expect(pageExamples.length).toBeGreaterThan(10)
})

test.each(lines)('%s', (line) => {
  const here = inDirectory('here')
  rmSync(here, { recursive: true, force: true })
  mkdirSync(join(here, '.local/share/bash-completion/completions'), { recursive: true })
  mkdirSync(join(here, '.config/fish/completions'), { recursive: true })
  for (const name of [
    ...Object.keys(TEXTS),
    ...Object.keys(GATES),
    'post.txt',
    'acpidump.txt',
    'iort.dat',
    'apic.dat',
    'mcfg.dat',
    'board.dtb',
  ])
    copyFileSync(inDirectory(name), join(here, name))
  copyFileSync(inDirectory('description.json'), join(here, 'machine.json'))
  mkdirSync(join(here, 'captures'))
  copyFileSync(inDirectory('host.tar.gz'), join(here, 'captures/host.tar.gz'))
  writeFileSync(join(here, 'last-run'), '')
  writeFileSync(join(here, 'hosts.txt'), 'one\nother\n')
  copyFileSync(join(PACKAGE_ROOT, 'scripts/collect.sh'), join(here, 'collect.sh'))
  // Captures and reports that the line reads; those that it writes are not there yet.
  for (const [, before = '', name = ''] of line.matchAll(/(-o |> |)(\b[\w.-]+\.(?:tar\.gz|json))\b/g)) {
    if (before !== '' || name === 'machine.json' || name in GATES) continue
    copyFileSync(inDirectory(name.endsWith('.json') ? 'report.json' : 'host.tar.gz'), join(here, name))
  }
  writeFileSync(inDirectory('codes'), '')
  const { status, stderr } = spawnSync('sh', ['-c', placed(line)], {
    cwd: here,
    env: { PATH: `${inDirectory('bin')}:${process.env['PATH'] ?? ''}`, HOME: here },
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  // 1 and 3 are answers; a line that is understood wrong, finds nothing or breaks ends with another code.
  const calls = readFileSync(inDirectory('codes'), 'utf8')
    .split('\n')
    .filter((call) => call !== '')
  expect(calls.filter((call) => !/^[013] /.test(call))).toEqual([])
  expect([status === 0 || status === 1 || status === 3, /^sh: .*/m.exec(stderr)]).toEqual([true, null])
  if (line.includes('intremap ')) expect(calls.length).toBeGreaterThan(0)
})
