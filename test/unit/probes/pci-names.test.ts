import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { captureMachine } from '../../../src/capture/capture.js'
import { openEvidence } from '../../../src/inputs/open-evidence.js'
import { openSysroot } from '../../../src/inputs/open-machine.js'
import { PCI_ID_DATABASES } from '../../../src/machine/pci-id-databases.js'
import { probeMachine } from '../../../src/probes/machine.js'
import type { TreeDescription } from '../../../src/sysroot/memory-entry.js'
import { memorySysroot } from '../../../src/sysroot/memory-sysroot.js'
import { captureNames } from '../../support/captures.js'
import { CAPTURES, hasLspci } from '../../support/outside.js'

/** In the format that its own head explains; 8086 has a comment and a blank line in its middle. */
const DATABASE = `#
#	List of PCI ID's
#
1af4  Red Hat, Inc.
	1041  Virtio 1.0 network device
		1af4 1100  QEMU Virtual Machine
1b36  Red Hat, Inc.
# a comment

	0010  QEMU NVM Express Controller
8086  Intel Corporation
	10d3  82574L Gigabit Network Connection
		8086 a01f  Gigabit CT Desktop Adapter
C 02  Network controller
	00  Ethernet controller
`

function functionFiles(
  address: string,
  vendor: string,
  device: string,
): readonly (readonly [string, TreeDescription[string]])[] {
  const directory = `sys/devices/pci0000:00/${address}`
  return [
    [`sys/bus/pci/devices/${address}`, { kind: 'symlink', target: `../../../devices/pci0000:00/${address}` }],
    [`${directory}/vendor`, `0x${vendor}\n`],
    [`${directory}/device`, `0x${device}\n`],
    [`${directory}/class`, '0x020000\n'],
  ]
}

const MACHINE: TreeDescription = Object.fromEntries<TreeDescription[string]>([
  ...functionFiles('0000:00:01.0', '8086', '10d3'),
  ...functionFiles('0000:00:02.0', '1af4', '1041'),
  ...functionFiles('0000:00:03.0', '1b36', '0010'),
  ...functionFiles('0000:00:04.0', '8086', 'ffff'),
  ...functionFiles('0000:00:05.0', '1234', '11e8'),
])

/** What a machine with these lists of ids is told of its functions. */
const namesWith = (
  files: Readonly<Record<string, string | Uint8Array>>,
  kind: 'live' | 'sysroot' | 'bundle' = 'live',
) => Object.fromEntries(probeMachine(memorySysroot({ kind, name: 'test' }, { ...MACHINE, ...files })).pciNames)

const NAMES = {
  '0000:00:01.0': 'Intel Corporation 82574L Gigabit Network Connection',
  '0000:00:02.0': 'Red Hat, Inc. Virtio 1.0 network device',
  '0000:00:03.0': 'Red Hat, Inc. QEMU NVM Express Controller',
  '0000:00:04.0': 'Intel Corporation Device ffff',
}

describe('names of functions', () => {
  it.each(PCI_ID_DATABASES)('are taken from %s', (path) => {
    expect(namesWith({ [path]: path.endsWith('.gz') ? gzipSync(DATABASE) : DATABASE })).toEqual(NAMES)
  })

  it('are none without a list, and a damaged one gives way to the next', () => {
    expect(namesWith({})).toEqual({})
    expect(namesWith({ 'usr/share/misc/pci.ids.gz': gzipSync(DATABASE).subarray(0, 40) })).toEqual({})
    const files = { 'usr/share/misc/pci.ids.gz': 'not gzip', 'usr/share/hwdata/pci.ids': DATABASE }
    expect(namesWith(files)).toEqual(NAMES)
  })

  it('come from whole lines only: a list that was cut or is none names less', () => {
    expect(namesWith({ 'usr/share/misc/pci.ids': DATABASE.slice(0, DATABASE.indexOf('8086  ')) })).toEqual({
      '0000:00:02.0': NAMES['0000:00:02.0'],
      '0000:00:03.0': NAMES['0000:00:03.0'],
    })
    expect(namesWith({ 'usr/share/misc/pci.ids': Uint8Array.from({ length: 5000 }, (_, index) => index * 7) })).toEqual(
      {},
    )
  })

  it('are not asked of a list in a bundle, and a capture keeps none', () => {
    const list = { 'usr/share/misc/pci.ids': DATABASE }
    expect(namesWith(list, 'bundle')).toEqual({})
    const live = memorySysroot({ kind: 'live', name: '/' }, { ...MACHINE, ...list })
    const { files, record } = captureMachine(live, probeMachine)
    expect(files.map(({ path }) => path)).toContain('sys/bus/pci/devices/0000:00:01.0/vendor')
    expect(record.reads.filter(({ path }) => path.includes('pci.ids'))).toEqual([])
  })
})

/** The forms in which people paste it, as pciutils 3.9 prints them. */
const LISTINGS: readonly (readonly [string, string])[] = [
  ['lspci', '00:01.0 Ethernet controller: Intel Corporation 82574L Gigabit Network Connection (rev 03)\n'],
  [
    'lspci -nn',
    '00:01.0 Ethernet controller [0200]: Intel Corporation 82574L Gigabit Network Connection [8086:10d3]\n',
  ],
  ['lspci -mm', '00:01.0 "Ethernet controller" "Intel Corporation" "82574L Gigabit Network Connection" -p00 "" ""\n'],
  [
    'lspci -nnvmm',
    'Slot:\t00:01.0\nClass:\tEthernet controller [0200]\nVendor:\tIntel Corporation [8086]\nDevice:\t82574L Gigabit Network Connection [10d3]\n\n',
  ],
]

describe('names of a listing', () => {
  it.each(LISTINGS)('%s', async (_, text) => {
    const sysroot = await openEvidence(['text'], new Map([['text', new TextEncoder().encode(text)]]))
    expect(Object.fromEntries(probeMachine(sysroot).pciNames)).toEqual({ '0000:00:01.0': NAMES['0000:00:01.0'] })
  })

  it.each([
    ['00:04.0 Ethernet controller [0200]: Intel Corporation Device [8086:ffff]\n', NAMES['0000:00:04.0']],
    ['00:04.0 Ethernet controller: Intel Corporation Device ffff\n', NAMES['0000:00:04.0']],
    ['00:04.0 VGA compatible controller [0300]: Device [1234:11e8] (rev 02)\n', undefined],
    ['00:04.0 0200: 8086:10d3\n', undefined],
  ])('a device without one: %s', async (text, name) => {
    const sysroot = await openEvidence(['text'], new Map([['text', new TextEncoder().encode(text)]]))
    expect(probeMachine(sysroot).pciNames.get('0000:00:04.0')).toBe(name)
  })
})

const HOST_LIST = '/usr/share/misc/pci.ids'
const scratch = mkdtempSync(join(tmpdir(), 'intremap-names-'))
afterAll(() => {
  rmSync(scratch, { recursive: true })
})

/** Vendor and device of `lspci -mm -D`, by address; without devices that it has no vendor for. */
function namesOfLspci(options: readonly string[]): Readonly<Record<string, string>> {
  const { stdout } = spawnSync('lspci', [...options, '-D', '-mm'], { encoding: 'utf8' })
  const rows = stdout.split('\n').flatMap((line) => {
    const [, address, vendor, device] = /^(\S+) "[^"]*" "([^"]*)" "([^"]*)"/.exec(line) ?? []
    if (address === undefined || vendor === undefined || vendor.startsWith('Vendor ')) return []
    return [[address, `${vendor} ${device ?? ''}`] as const]
  })
  return Object.fromEntries(rows)
}

describe.skipIf(!hasLspci || !existsSync(HOST_LIST))('names are those of lspci', () => {
  it('on this host', async () => {
    const names = Object.fromEntries(probeMachine(await openSysroot()).pciNames)
    expect(names).toEqual(namesOfLspci([]))
  })

  it.each(captureNames().slice(0, 6))('on %s, with the list of this host', async (name) => {
    const tree = join(scratch, name)
    mkdirSync(join(tree, 'sysroot/usr/share/misc'), { recursive: true })
    spawnSync('tar', ['-xzf', join(CAPTURES, `${name}.tar.gz`), '-C', tree])
    copyFileSync(HOST_LIST, join(tree, 'sysroot/usr/share/misc/pci.ids'))
    const names = Object.fromEntries(probeMachine(await openSysroot({ sysroot: join(tree, 'sysroot') })).pciNames)
    expect(names).toEqual(namesOfLspci(['-A', 'linux-sysfs', '-O', `sysfs.path=${join(tree, 'sysroot/sys/bus/pci')}`]))
    expect(Object.keys(names).length).toBeGreaterThan(1)
  })
})
