import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { captureMachine } from '../../../src/capture/capture.js'
import { InputError, UsageError } from '../../../src/inputs/errors.js'
import { openMachine, openSysroot } from '../../../src/inputs/open-machine.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { analyse, buildReport } from '../../../src/report/probe/build.js'
import { explainDevice } from '../../../src/report/explain/explain.js'
import { DEFAULT_FAIL_ON } from '../../../src/report/exit-code.js'

const LSPCI = `00:00.0 Host bridge [0600]: Intel Corporation 8th Gen Core [8086:3ec2] (rev 07)
	Subsystem: ASUSTeK Computer Inc. Device [1043:8694]
00:02.0 VGA compatible controller [0300]: Intel Corporation UHD [8086:3e92]
	Subsystem: ASUSTeK Computer Inc. Device [1043:8694]
	Kernel driver in use: i915

`
const LOG = `[    0.000000] Linux version 6.1.0-13-amd64 (x@y) (gcc) #1 SMP
[    0.100000] DMAR-IR: Failed to enable irq remapping.  You are vulnerable to irq-injection attacks.
[    0.200000] pci 0000:00:02.0: Adding to iommu group 0
`

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'intremap-evidence-'))
})
afterAll(() => {
  rmSync(root, { recursive: true })
})

let made = 0
/** Writes files below a directory of their own, and gives its path. */
function directoryOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  made++
  const directory = join(root, String(made))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), content)
  }
  return directory
}

const fileOf = (content: string | Uint8Array) => join(directoryOf({ file: content }), 'file')
const reportOf = async (...evidence: readonly string[]) => buildReport(probeMachine(await openSysroot({ evidence })))
const devicesOf = async (...evidence: readonly string[]) =>
  (await reportOf(...evidence)).devices.map(({ address, driver, iommuGroup, verdict }) => [
    address,
    driver,
    iommuGroup,
    verdict,
  ])

const BOTH = [
  ['0000:00:00.0', 'none', 'unknown', 'not-isolated'],
  ['0000:00:02.0', 'i915', '0', 'not-isolated'],
]

describe('several pieces are one machine', () => {
  test('files', async () => {
    expect(await devicesOf(fileOf(LSPCI), fileOf(LOG))).toEqual(BOTH)
  })
  test('one file with both', async () => {
    expect(await devicesOf(fileOf(`${LSPCI}${LOG}`))).toEqual(BOTH)
  })
  test('a directory of texts', async () => {
    expect(await devicesOf(directoryOf({ a: LSPCI, b: LOG, c: 'shopping list\n' }))).toEqual(BOTH)
  })
  test('compressed', async () => {
    expect(await devicesOf(fileOf(gzipSync(LSPCI)), fileOf(gzipSync(gzipSync(LOG))))).toEqual(BOTH)
  })
  test('the report of a collector: one top directory, commands beside proc', async () => {
    const directory = directoryOf({
      'host-2026/proc/version': 'Linux version 6.1.0-13-amd64 (x@y) #1\n',
      'host-2026/sos_commands/pci/lspci_-nnvv': LSPCI,
      'host-2026/sos_commands/kernel/dmesg': LOG,
    })
    const archive = join(root, 'sos')
    execFileSync('tar', ['-cf', archive, '-C', directory, 'host-2026'])
    expect((await devicesOf(directory)).map(([, driver]) => driver)).toEqual(['none', 'i915'])
    expect(await devicesOf(archive)).toEqual(await devicesOf(directory))
  })
})

test('what was recognised is told, and is in the report', async () => {
  const [one, two] = [fileOf(LSPCI), fileOf(LOG)]
  const { notes } = await openMachine({ evidence: [one, two] })
  expect(notes).toEqual(['read: lspci (2 functions), dmesg (3 lines)'])
  expect((await reportOf(one, two)).inputs?.map(({ file, kind }) => [file, kind])).toEqual([
    [one, 'lspci'],
    [two, 'dmesg'],
  ])
})

test('texts of two machines are told to contradict each other, and the same text twice is not', async () => {
  const other = LSPCI.replace('8086:3e92', '10de:1b80').replace('i915', 'nouveau')
  const { notes } = await openMachine({
    evidence: [fileOf(LSPCI), fileOf(other), fileOf(LOG.replace('6.1.0', '6.2.0')), fileOf(LOG)],
  })
  expect(notes.slice(1)).toEqual([
    'told in two ways, so unknown: the kernel release; vendor, device id, driver of 0000:00:02.0. Is it all of one machine?',
  ])
  const { verdict } = (await reportOf(fileOf(`${LSPCI}${other}`))).summary
  expect(verdict).toBe('unknown')
  expect((await openMachine({ evidence: [fileOf(`${LSPCI}${LOG}${LSPCI}${LOG}`)] })).notes).toHaveLength(1)
  expect(await devicesOf(fileOf(LSPCI), fileOf(`${LOG}${LSPCI}`))).toEqual(BOTH)
})

test('nobody who pasted texts is told to run as root: more has to be collected', async () => {
  const { findings } = await reportOf(fileOf(LSPCI), fileOf('IOMMU Group 0 00:02.0 VGA [0300]: Intel [8086:3e92]\n'))
  const doubts = findings.filter(({ rule }) => rule === 'IR109')
  expect(doubts.length).toBeGreaterThan(0)
  expect(doubts.filter(({ remedy }) => remedy.startsWith('Run intremap as root'))).toEqual([])
})

test('an explanation names file and line', async () => {
  const [one, two] = [fileOf(LSPCI), fileOf(LOG)]
  const machine = probeMachine(await openSysroot({ evidence: [one, two] }))
  const explanation = explainDevice(analyse(machine), '0000:00:02.0', DEFAULT_FAIL_ON)
  const places = JSON.stringify(explanation)
  expect(places).toContain(`"source":"${two}","locator":"line 2"`)
})

test('a capture of texts is judged as the texts, and keeps no names', async () => {
  const { sysroot } = await openMachine({ evidence: [fileOf(LSPCI), fileOf(LOG)] })
  const bundle = fileOf(await captureMachine(sysroot, probeMachine).bundle())
  const { devices } = await reportOf(fileOf(LSPCI), fileOf(LOG))
  expect(devices.filter(({ name }) => name === undefined)).toEqual([])
  expect((await reportOf(bundle)).devices).toEqual(devices.map((device) => ({ ...device, name: undefined })))
})

describe('a copy of /proc/device-tree', () => {
  const cells = Uint8Array.from([0, 0, 0, 2])
  const TREE = {
    '#address-cells': cells,
    '#size-cells': cells,
    compatible: 'acme,board\0',
    model: 'Acme board\0',
    name: '\0',
    'cpus/name': 'cpus\0',
  }
  const below = (top: string) =>
    Object.fromEntries(Object.entries(TREE).map(([path, content]) => [`${top}${path}`, content]))
  test.each([
    ['by itself', ''],
    ['in a directory', 'device-tree/'],
    ['as it lies in sysfs', 'devicetree/base/'],
  ])('%s is the tree of the machine', async (_, top) => {
    const directory = directoryOf(below(top))
    const archive = join(root, `tree-${made}`)
    execFileSync('tar', ['-czf', archive, '-C', directory, '.'])
    for (const evidence of [directory, archive]) {
      const { platform, inputs } = await reportOf(evidence, fileOf(LSPCI))
      expect([platform.firmware, inputs?.[0]?.kind]).toEqual(['devicetree', 'device-tree directory'])
    }
  })
  test('of which a part is missing is none', async () => {
    const part = Object.fromEntries(Object.entries(TREE).filter(([path]) => path !== 'compatible'))
    await expect(openMachine({ evidence: [directoryOf(part)] })).rejects.toThrow(InputError)
  })
})

describe('what is refused', () => {
  const refusal = async (...evidence: readonly string[]) => {
    try {
      await openMachine({ evidence })
      return 'taken'
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      return `${error.message} ${error.hint}`
    }
  }
  test('names what would do', async () => {
    expect(await refusal(fileOf('hello\n'))).toMatch(/not recognised.*lspci in any form.*acpidump/)
    expect(await refusal(fileOf(''))).toMatch(/empty/)
    expect(await refusal(directoryOf({ note: 'hello\n' }))).toMatch(/neither sys nor proc/)
    expect(await refusal(fileOf(Uint8Array.from([0x42, 0x5a, 0x68, 0x39, 1, 2, 3])))).toMatch(/bzip2 -dc/)
    expect(await refusal(fileOf(gzipSync(LSPCI).subarray(0, 60)))).toMatch(/damaged or ends early/)
  })
  test('a source that reads other files', async () => {
    expect(await refusal(fileOf('/dts-v1/;\n/ { x = /incbin/("/etc/hostname"); };\n'))).toMatch(/includes other files/)
  })
  test('a flag beside it', async () => {
    await expect(openMachine({ evidence: ['x'], sysroot: '/' })).rejects.toThrow(UsageError)
  })
})
