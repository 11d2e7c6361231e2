import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { captureMachine } from '../../src/capture/capture.js'
import { writeTree } from '../../src/cli/write-tree.js'
import { emulateMachine } from '../../src/emulator/emulate.js'
import { largeMachine } from '../../src/emulator/large-machine.js'
import { openMachine, type InputSelection } from '../../src/inputs/open-machine.js'
import { BINDING_PROPERTIES } from '../../src/machine/devicetree-properties.js'
import { probeMachine } from '../../src/probes/machine.js'
import { buildReport } from '../../src/report/probe/build.js'
import { openBundle } from '../../src/sysroot/bundle-sysroot.js'
import { startsHere } from '../support/outside.js'

const SCRIPT = fileURLToPath(new URL('../../scripts/collect.sh', import.meta.url))
const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url))

/** The shells that it has to run under, as far as they are here. */
const SHELLS = [['busybox', 'sh'], ['dash'], ['bash', '--posix']].filter(([program = '', ...words]) =>
  startsHere(program, [...words, '-c', ':']),
)
if (SHELLS.length < 3) console.log(`collector: only ${SHELLS.map(([name]) => name).join(', ')} of busybox, dash, bash`)

let scratch: string
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'intremap-collector-'))
})
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true })
})
let made = 0
const newPath = (ending: string) => join(scratch, `${made++}${ending}`)

/** Runs the collector. Nothing of this environment reaches it but the path. */
function collect(shell: readonly string[], output: string, root?: string, words: readonly string[] = []) {
  const [program = '', ...options] = shell
  return spawnSync(program, [...options, SCRIPT, output, ...words], {
    env: { PATH: process.env['PATH'] ?? '', ...(root === undefined ? {} : { COLLECT_ROOT: root }) },
    encoding: 'utf8',
    cwd: scratch,
  })
}

/** The report as JSON, but for the place that it comes from. */
async function report(selection: InputSelection): Promise<string> {
  const { sysroot } = await openMachine(selection)
  return JSON.stringify({ ...buildReport(probeMachine(sysroot)), source: '', inputs: [], nextPiece: '' }, undefined, 1)
}

/** What the collector wrote gives the report of what `capture` writes. */
async function expectCapture(bundle: string, machine: InputSelection): Promise<void> {
  const { sysroot } = await openMachine(machine)
  const captured = newPath('.tar.gz')
  writeFileSync(captured, await captureMachine(sysroot, probeMachine).bundle())
  expect(await report({ bundle })).toBe(await report({ bundle: captured }))
}

const isThere = (path: string) => lstatSync(path, { throwIfNoEntry: false }) !== undefined

/** Writes a bundled machine as a tree that somebody copied: with the names that its listings hold, without its manifest. */
async function materialised(name: string): Promise<string> {
  const directory = newPath('')
  mkdirSync(directory)
  execFileSync('tar', ['-xzf', join(FIXTURES, `${name}.tar.gz`), '-C', directory])
  const { manifest } = await openBundle(readFileSync(join(FIXTURES, `${name}.tar.gz`)), name)
  rmSync(join(directory, 'manifest.json'), { force: true })
  const root = join(directory, 'tree')
  renameSync(join(directory, 'sysroot'), root)
  for (const [path, names] of Object.entries(manifest?.listings ?? {})) {
    for (const entry of names) {
      const file = join(root, path, entry)
      if (isThere(file) || manifest?.absent?.includes(`${path}/${entry}`) === true) continue
      mkdirSync(dirname(file), { recursive: true })
      if (/^sys\/(?:firmware|class|kernel|bus)$/.test(path)) mkdirSync(file)
      else writeFileSync(file, '')
    }
  }
  return root
}

const machines = readdirSync(FIXTURES)
  .filter((file) => file.endsWith('.tar.gz'))
  .map((file) => file.slice(0, -'.tar.gz'.length))
  .sort()
/** One of a kind; every shell collects them. The others are collected by one shell each. */
const ALL_SHELLS: ReadonlySet<string> = new Set([
  'arm-v3its-sriov-acpi-612',
  'rk3588-rock-5b',
  'rv-imsic-iommu-dt-lab',
  'x86-amd-ir-612',
])

describe.skipIf(SHELLS.length === 0)('scripts/collect.sh', () => {
  const runs = machines.flatMap((name, index) =>
    SHELLS.filter((_, position) => ALL_SHELLS.has(name) || position === index % SHELLS.length).map(
      (shell) => [name, shell] as const,
    ),
  )

  test.each(runs)('gives the report of capture for %s under %s', async (name, shell) => {
    const root = await materialised(name)
    const bundle = newPath('.tar.gz')
    const { status, stderr } = collect(shell, bundle, root)
    expect([status, unexpected(stderr)]).toEqual([0, []])
    await expectCapture(bundle, { sysroot: root })
  })

  test.each(SHELLS)('gives the report of capture for this host under %s', async (...shell) => {
    const bundle = newPath('.tar.gz')
    const { status, stderr } = collect(shell, bundle)
    expect([status, unexpected(stderr)]).toEqual([0, []])
    await expectCapture(bundle, {})
  })
})

/** Lines that no run writes which goes as it should: those of a program that failed. */
function unexpected(stderr: string): readonly string[] {
  return stderr.split('\n').filter((line) => line !== '' && !/^(?:collect\.sh: | {2})/.test(line))
}

const [SHELL = ['sh']] = SHELLS

describe('what it writes', () => {
  test('nothing but the named file, which is never one that is there', () => {
    const directory = newPath('')
    mkdirSync(directory)
    const file = join(directory, '-rf $(touch pwned) `id`.tar.gz')
    expect(collect(SHELL, file).status).toBe(0)
    expect(readdirSync(directory)).toEqual([file.slice(directory.length + 1)])
    const before = readFileSync(file)
    const again = collect(SHELL, file)
    expect([again.status, again.stderr.includes('is there already')]).toEqual([64, true])
    expect(readFileSync(file).equals(before)).toBe(true)
    symlinkSync('nowhere', join(directory, 'link'))
    expect(collect(SHELL, join(directory, 'link')).status).toBe(64)
    expect(existsSync(join(directory, 'nowhere'))).toBe(false)
  })

  test('one file name, or how to call it', () => {
    expect(collect(SHELL, '').status).toBe(64)
    expect(collect(SHELL, 'one', undefined, ['two']).stderr).toContain('usage')
    expect(collect(SHELL, newPath('.tar.gz'), join(scratch, 'nowhere')).status).toBe(66)
  })

  test('the bundle on standard output, and all else on standard error', async () => {
    const root = await materialised('s390x-zpci')
    const [program = '', ...options] = SHELL
    const { stdout, stderr } = spawnSync(program, [...options, SCRIPT, '-'], {
      env: { PATH: process.env['PATH'] ?? '', COLLECT_ROOT: root },
      cwd: scratch,
    })
    expect((await openBundle(new Uint8Array(stdout), 'piped')).notes).toEqual([])
    expect(String(stderr)).toContain('NOT REDACTED')
  })

  test('in the manifest what it does not redact, and no owner in the archive', async () => {
    const bundle = newPath('.tar.gz')
    expect(collect(SHELL, bundle, await materialised('x86-intel-ir-612')).stderr).toContain('the kernel log')
    const manifest: unknown = JSON.parse(execFileSync('tar', ['-xzOf', bundle, 'manifest.json'], { encoding: 'utf8' }))
    expect(manifest).toMatchObject({ collector: 'collect.sh' })
    expect(JSON.stringify(manifest)).toContain('"the kernel log"')
    expect(execFileSync('tar', ['-tvzf', bundle], { encoding: 'utf8' })).not.toMatch(/^\S+ (?!root\/root |0\/0 )/m)
  })
})

describe('what it takes away', () => {
  test('words of the command line, texts of the configuration, counters, users, serial numbers of the processor', () => {
    const root = newPath('')
    const files: Readonly<Record<string, string>> = {
      'proc/cmdline':
        'root=UUID=secret-1 iommu.passthrough=1 x="secret-2 pci=noacpi" root=UUID=secret-1 ivrs_ioapic[7]=00:14.0\n',
      'proc/version': 'Linux version 6.12.0 (secret-3@builder) #1\n',
      'proc/cpuinfo': 'processor\t: 0\nflags\t\t: fpu hypervisor\nSerial\t\t: secret-4\n',
      'proc/interrupts':
        '           CPU0       CPU1\n 24:  8765432  7654321  IR-PCI-MSI 1-edge  eth0\nLOC: 1 2 timer\n',
      'proc/sys/kernel/osrelease': '6.12.0\n',
      'boot/config-6.12.0': 'CONFIG_VFIO=m\nCONFIG_DEFAULT_HOSTNAME="secret-5"\n# CONFIG_IOMMUFD is not set\n',
      'etc/modprobe.d/vfio.conf':
        '# secret-6\noptions vfio_iommu_type1 \\\n allow_unsafe_interrupts=1\ninstall x secret-7\n',
      'etc/modprobe.d/secret-8.conf': 'blacklist nouveau\n',
      'sys/devices/pci0000:00/0000:00:01.0/uevent': 'DRIVER=e1000e\nSECRET=secret-9\nPCI_SLOT_NAME=0000:00:01.0\n',
      'sys/devices/pci0000:00/0000:00:01.0/class': '0x020000\n',
      'sys/devices/pci0000:00/0000:00:01.0/serial_number': 'secret-10\n',
      'sys/firmware/devicetree/base/serial-number': 'secret-11',
      'sys/firmware/devicetree/base/model': 'secret-12',
      'sys/firmware/devicetree/base/compatible': 'vendor,board\0',
      'sys/class/dmi/id/product_serial': 'secret-13\n',
    }
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    mkdirSync(join(root, 'sys/bus/pci/devices'), { recursive: true })
    symlinkSync('../../../devices/pci0000:00/0000:00:01.0', join(root, 'sys/bus/pci/devices/0000:00:01.0'))
    const bundle = newPath('.tar.gz')
    expect(collect(SHELL, bundle, root).status).toBe(0)
    const content = (path: string) => execFileSync('tar', ['-xzOf', bundle, `sysroot/${path}`], { encoding: 'utf8' })
    const everything = execFileSync('gzip', ['-dc', bundle], { encoding: 'latin1' })
    expect(everything.match(/secret-\d+/g)).toBeNull()
    expect(content('proc/cmdline')).toBe(
      'redacted-1 iommu.passthrough=1 redacted-2 redacted-1 ivrs_ioapic[7]=00:14.0\n',
    )
    expect(content('proc/version')).toBe('Linux version 6.12.0 redacted\n')
    expect(content('proc/cpuinfo')).toBe('flags\t\t: fpu hypervisor\n')
    expect(content('proc/interrupts')).toBe('CPU0\n24: 0 IR-PCI-MSI 1-edge  eth0\n')
    expect(content('boot/config-6.12.0')).toBe('CONFIG_VFIO=m\n# CONFIG_IOMMUFD is not set\n')
    expect(content('etc/modprobe.d/vfio.conf')).toMatch(/^options vfio_iommu_type1 +allow_unsafe_interrupts=1\n$/)
  })

  test('nothing of a damaged text, which stays damaged', () => {
    const root = newPath('')
    mkdirSync(join(root, 'proc/sys/kernel'), { recursive: true })
    writeFileSync(join(root, 'proc/cmdline'), 'iommu=pt cut')
    writeFileSync(join(root, 'proc/version'), 'Linux version 6.12.0 \u0001\n')
    const bundle = newPath('.tar.gz')
    collect(SHELL, bundle, root)
    const content = (path: string) => execFileSync('tar', ['-xzOf', bundle, `sysroot/${path}`], { encoding: 'utf8' })
    expect([content('proc/cmdline'), content('proc/version')]).toEqual(['?', '?'])
  })

  test('knows the properties that bindings read, and the parameters that decide something', () => {
    const script = readFileSync(SCRIPT, 'utf8')
    const list = (name: string) => (new RegExp(`^${name}='([^']*)'`, 'm').exec(script)?.[1] ?? '').split(/\s+/).sort()
    // `model` is read, and only its length is kept.
    expect(list('PROPERTIES')).toEqual([...BINDING_PROPERTIES].filter((name) => name !== 'model').sort())
    const redaction = readFileSync(new URL('../../src/capture/redacted-command-line.ts', import.meta.url), 'utf8')
    const kept = /const KEPT_NAMES[^[]*\[([^\]]*)\]/.exec(redaction)?.[1] ?? ''
    expect(list('PARAMETERS')).toEqual([...kept.matchAll(/'([^']+)'/g)].map((match) => match[1] ?? '').sort())
  })
})

describe('names that somebody else chose', () => {
  const NAMES = [
    'a"b\\c',
    "it's $(touch pwned) `touch pwned`",
    '-rf',
    ' x ',
    'line\nfeed',
    '*',
    '..hidden',
    '\u00b5',
    '\u001b[2J',
  ]

  test.each(SHELLS)('are neither run nor lead out of the tree, under %s', async (...shell) => {
    const root = newPath('')
    const outside = newPath('')
    mkdirSync(outside)
    writeFileSync(join(outside, 'type'), 'secret\n')
    writeFileSync(join(outside, 'x.conf'), 'options vfio secret=1\n')
    for (const directory of [
      'sys/bus/pci/devices',
      'sys/class/iommu',
      'sys/kernel/iommu_groups/1/devices',
      'sys/kernel/debug/irq/domains',
      'sys/firmware/devicetree/base',
      'etc/modprobe.d',
      'dev/vfio',
    ]) {
      mkdirSync(join(root, directory), { recursive: true })
      for (const name of NAMES) writeFileSync(join(root, directory, name), 'options vfio_pci disable_denylist=1\n')
    }
    symlinkSync(outside, join(root, 'sys/kernel/iommu_groups/2'))
    symlinkSync(outside, join(root, 'run'))
    symlinkSync(outside, join(root, 'sys/bus/pci/devices/0000:00:01.0'))
    symlinkSync(join(outside, 'x.conf'), join(root, 'etc/modprobe.d/x.conf'))
    const bundle = newPath('.tar.gz')
    const { status, stderr } = collect(shell, bundle, root)
    expect([status, unexpected(stderr)]).toEqual([0, []])
    expect(existsSync(join(scratch, 'pwned')) || existsSync(join(root, 'pwned'))).toBe(false)
    expect(readdirSync(outside)).toEqual(['type', 'x.conf'])
    expect(execFileSync('gzip', ['-dc', bundle], { encoding: 'latin1' })).not.toContain('secret')
    const { sysroot, notes } = await openBundle(readFileSync(bundle), 'hostile')
    expect(notes).toEqual([])
    // A name that a bundle cannot have makes its directory unreadable, never shorter.
    for (const directory of ['sys/class/iommu', 'sys/kernel/iommu_groups/1/devices', 'sys/firmware/devicetree/base'])
      expect(sysroot.list(directory)).toEqual({ state: 'unreadable', reason: 'malformed' })
  })
})

describe.skipIf(process.getuid?.() !== 0 || SHELLS.length === 0)('as nobody', () => {
  test('says what was denied', async () => {
    const root = await materialised('x86-intel-ir-612')
    const table = join(root, 'sys/firmware/acpi/tables/DMAR')
    chmodSync(table, 0o400)
    chmodSync(join(root, 'sys/kernel'), 0o700)
    for (const path of [scratch, dirname(root)]) chmodSync(path, 0o777)
    const bundle = newPath('.tar.gz')
    const [program = '', ...options] = SHELL
    const { status, stderr } = spawnSync(program, [...options, '-s', '--', bundle], {
      input: readFileSync(SCRIPT),
      env: { PATH: process.env['PATH'] ?? '', COLLECT_ROOT: root },
      cwd: scratch,
      uid: 65_534,
      gid: 65_534,
    })
    expect([status, String(stderr).includes('run it as root')]).toEqual([0, true])
    const { sysroot } = await openBundle(readFileSync(bundle), 'nobody')
    expect(sysroot.bytes('sys/firmware/acpi/tables/DMAR')).toEqual({ state: 'unreadable', reason: 'permission' })
    expect(sysroot.list('sys/kernel/iommu_groups')).toEqual({ state: 'unreadable', reason: 'permission' })
  })
})

// A program takes longer to start than to do what it is started for, and a host may have hundreds of functions.
test('starts few programs for each function', () => {
  const started = (functions: number): number => {
    const root = newPath('')
    writeTree(root, 'large', emulateMachine(largeMachine(functions)), false)
    const bin = newPath('')
    const log = newPath('')
    mkdirSync(bin)
    for (const name of ['cp', 'mkdir', 'cat', 'sed', 'tr', 'mv']) {
      const program = join(bin, name)
      writeFileSync(program, `#!/bin/sh\necho ${name} >> ${log}\nPATH=\${PATH#*:} exec ${name} "$@"\n`, { mode: 0o755 })
    }
    const { status } = spawnSync('sh', [SCRIPT, newPath('.tar.gz')], {
      env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, COLLECT_ROOT: root },
      cwd: scratch,
    })
    expect(status).toBe(0)
    return readFileSync(log, 'utf8').split('\n').length
  }
  // Two for the function, two for its group, one for each of its two interrupts and three for their directories and links.
  expect((started(24) - started(8)) / 16).toBeLessThan(10)
})
