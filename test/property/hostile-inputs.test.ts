import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Budget } from '../../src/budget/budget.js'
import { LIMITS, SINGLE, type Work } from '../../src/budget/limits.js'
import { takesText } from '../../src/budget/text.js'
import { RedactingSysroot } from '../../src/capture/redacting-sysroot.js'
import { dumpAcpiTable } from '../../src/probes/acpi/dump.js'
import { parseDmar } from '../../src/probes/acpi/dmar.js'
import { parseIort } from '../../src/probes/acpi/iort.js'
import { parseDeviceTreeBlob } from '../../src/probes/devicetree/blob.js'
import { machineFromFiles } from '../../src/probes/firmware-files.js'
import { probeMachine } from '../../src/probes/machine.js'
import { TextEvidence } from '../../src/inputs/texts/text-evidence.js'
import { ToldMachine } from '../../src/inputs/texts/told-machine.js'
import { renderDecodedDeviceTree } from '../../src/render/decode/decode-devicetree.js'
import { jsonPieces, toJson } from '../../src/render/formats/json.js'
import { decodeDeviceTreeBlob } from '../../src/report/decode/decode-devicetree.js'
import { analyse } from '../../src/report/probe/build.js'
import { lintFirmware } from '../../src/report/lint/lint.js'
import { openBundle } from '../../src/sysroot/bundle-sysroot.js'
import { encodeDeviceTree } from '../../src/emulator/firmware/devicetree-source.js'
import { writeFdt } from '../../src/emulator/firmware/fdt-writer.js'
import { withSoundHeader } from '../support/fuzz-mutations.js'
import { paxHeader, tar, type HandmadeEntry } from '../unit/sysroot/handmade-tar.js'
import type { UnreadReport } from '../../src/report/types.js'

const bytes = (text: string) => new TextEncoder().encode(text)
const RELEASE: HandmadeEntry = { name: 'proc/sys/kernel/osrelease', content: '6.12.0\n' }

/** What a bundle costs, and what is told of it; the refusal where it is refused. */
async function probed(...entries: readonly HandmadeEntry[]) {
  const budget = new Budget()
  try {
    const { sysroot } = await openBundle(gzipSync(tar(...entries), { level: 1 }), 'x.tar.gz', 'bundle', budget)
    const { report } = analyse(probeMachine(new RedactingSysroot(sysroot)))
    return { budget, report, refused: undefined }
  } catch (error) {
    return { budget, report: undefined, refused: error instanceof Error ? error.message : String(error) }
  }
}

const unread = (source: string, area: UnreadReport['area'], reason: UnreadReport['reason'], extent = 'whole') => ({
  source,
  area,
  reason,
  extent,
})
const isWork = (name: string): name is Work => name in LIMITS
const KINDS = Object.keys(LIMITS).filter(isWork)

/** Every kind of work within its limit: what `take` refused was not done. */
function expectWithin(budget: Budget): void {
  for (const work of KINDS) expect(budget.spent(work), work).toBeLessThanOrEqual(LIMITS[work])
}

/** A table with a sound header around `body`. */
function table(signature: string, body: Uint8Array): Uint8Array {
  const whole = new Uint8Array(36 + body.length)
  whole.set(bytes(signature))
  whole.set([1], 8)
  whole.set(body, 36)
  return withSoundHeader(whole)
}

/** `pieces` of two bytes each: a MADT structure of an unknown type and the least length. */
function tinyStructures(pieces: number): Uint8Array {
  const body = new Uint8Array(8 + 2 * pieces)
  for (let at = 8; at < body.length; at += 2) body.set([0x7f, 2], at)
  return table('APIC', body)
}

describe('a bundle of somebody who means harm', () => {
  it.each<[what: string, path: string, content: string]>([
    ['blanks between counter and chip', 'proc/interrupts', `CPU0\n 1: 0 ${' '.repeat(60_000)}x\n`],
    ['numbers that might be hardware numbers', 'proc/interrupts', `CPU0\n 1: 0 G ${'1 '.repeat(30_000)}\n`],
    ['digits and dots in a release', 'proc/version', `Linux version ${'1.1'.repeat(20_000)} x\n`],
    ['a release that never ends', 'proc/sys/kernel/osrelease', `${'1'.repeat(1_000_000)}\n`],
    ['quotes in a command line', 'proc/cmdline', `${'"a '.repeat(20_000)}\n`],
    ['a command line of nine megabytes', 'proc/cmdline', `${'a'.repeat(9_000_000)}\n`],
    ['a configuration of newlines', 'boot/config-6.12.0', `CONFIG_X=y\n${'\n'.repeat(600_000)}`],
    ['a log of newlines', 'var/log/dmesg', '\n'.repeat(600_000)],
  ])('%s: read in one pass, or too large', async (_, path, content) => {
    const { budget, report, refused } = await probed(...(path === RELEASE.name ? [] : [RELEASE]), {
      name: path,
      content,
    })
    expect(refused).toBeUndefined()
    expect(report?.exitCode).toBe(3)
    expectWithin(budget)
    // Every character is redacted once and read once or twice.
    expect(budget.spent('bytes')).toBeLessThan(4 * content.length + 4096)
    const isTooLarge = content.length > SINGLE.lineCharacters && path !== 'proc/interrupts'
    const told = report?.unread.find(({ source }) => source === `/${path}`)
    if (isTooLarge && told !== undefined) expect(told.reason).toBe('too-large')
  })

  it('a table of millions of tiny structures is too large', async () => {
    const content = Buffer.from(tinyStructures(1_000_000))
    const { budget, report } = await probed(RELEASE, { name: 'sys/firmware/acpi/tables/APIC', content })
    expect(report?.unread).toContainEqual(unread('/sys/firmware/acpi/tables/APIC', 'acpi-tables', 'too-large'))
    expectWithin(budget)
  })

  it('few names in many directories are refused, with the limit', async () => {
    const deep = (index: number) => Array.from({ length: 50 }, (_, at) => `${index}-${at}`).join('/')
    const entries = Array.from({ length: 5000 }, (_, index): HandmadeEntry[] => [
      { name: '././@LongLink', type: 'L', content: `sys/${deep(index)}\0` },
      { name: 'x' },
    ])
    const { budget, refused } = await probed(RELEASE, ...entries.flat())
    expect(refused).toMatch(/more than 200000 names, directories that its paths imply among them/)
    expectWithin(budget)
  })

  it('a manifest of hundreds of thousands of names is refused before it is parsed', async () => {
    const absent = Array.from({ length: 700_000 }, (_, index) => `x${index}`)
    const content = JSON.stringify({ schema: 'intremap/bundle', schemaVersion: '1.0.0', unreadable: {}, absent })
    const { refused } = await probed({ name: 'sysroot/sys/x' }, { name: 'manifest.json', content })
    expect(refused).toMatch(/manifest\.json has more than 600000 values/)
  })

  it('a directory that every group lists is listed as often as there are devices for', async () => {
    const groups = Array.from({ length: 600 }, (_, id): HandmadeEntry => ({
      name: `sys/kernel/iommu_groups/${id}/devices`,
      type: '2',
      linkName: '/big',
    }))
    const big = Array.from({ length: 5000 }, (_, index): HandmadeEntry => ({ name: `big/${index}` }))
    const { budget, report } = await probed(RELEASE, ...groups, ...big)
    expectWithin(budget)
    expect(budget.exceeded).toContain('members')
    expect(report?.exitCode).toBe(3)
  })

  it('links that lead through thousands of names are followed as far as links of machines go', async () => {
    const up = 'a/../'.repeat(800)
    const chain = Array.from({ length: 38 }, (_, at): HandmadeEntry[] => [
      paxHeader({ linkpath: `/sys/${up}${at < 37 ? `l${at + 1}` : 'a'}` }),
      { name: `sys/l${at}`, type: '2' },
    ])
    const functions = Array.from({ length: 200 }, (_, index): HandmadeEntry => ({
      name: `sys/bus/pci/devices/${index.toString(16).padStart(4, '0')}:00:00.0`,
      type: '2',
      linkName: '/sys/l0',
    }))
    const { budget, report } = await probed(RELEASE, { name: 'sys/a/x', content: '1' }, ...chain.flat(), ...functions)
    expectWithin(budget)
    expect(budget.exceeded).toContain('linkedNames')
    expect(report?.unread.some(({ reason }) => reason === 'too-large')).toBe(true)
    expect(report?.exitCode).toBe(3)
  })

  it('a bus whose entries lead to what is called otherwise is none, and nothing of it is followed', async () => {
    const entry = (index: number): HandmadeEntry => ({
      name: `sys/bus/pci/devices/${index.toString(16).padStart(4, '0')}:00:00.0`,
      type: '2',
      linkName: `/sys/${'a/../'.repeat(17)}a`,
    })
    const entries = Array.from({ length: 4000 }, (_, index) => entry(index))
    const { budget, report } = await probed(RELEASE, { name: 'sys/a/x', content: '1' }, ...entries)
    expectWithin(budget)
    expect(budget.spent('linkedNames')).toBe(0)
    expect(report?.unread).toContainEqual(unread('/sys/bus/pci/devices', 'pci-functions', 'malformed'))
    expect(report?.exitCode).toBe(3)
  })

  it('a listing of more vectors than functions have is too large', async () => {
    const irqs = Array.from({ length: SINGLE.vectors + 1 }, (_, irq): HandmadeEntry => ({
      name: `big/${irq}`,
      content: 'msi\n',
    }))
    const functions = Array.from({ length: 50 }, (_, index): HandmadeEntry[] => {
      const name = `0000:${index.toString(16).padStart(2, '0')}:00.0`
      const directory = `sys/devices/pci0000:00/${name}`
      return [
        { name: `sys/bus/pci/devices/${name}`, type: '2', linkName: `../../../devices/pci0000:00/${name}` },
        { name: `${directory}/class`, content: '0x020000\n' },
        { name: `${directory}/msi_irqs`, type: '2', linkName: '/big' },
      ]
    })
    const { budget, report } = await probed(RELEASE, ...irqs, ...functions.flat())
    expectWithin(budget)
    expect(budget.spent('vectors')).toBe(0)
    expect(report?.unread.filter(({ reason }) => reason === 'too-large').length).toBe(50)
    expect(report?.exitCode).toBe(3)
  })

  it('more functions than machines have are told as too many', async () => {
    const links = Array.from({ length: LIMITS.functions + 1 }, (_, index): HandmadeEntry => ({
      name: `sys/bus/pci/devices/${index.toString(16).padStart(4, '0')}:00:00.0`,
      type: '2',
      linkName: '../../../devices/x',
    }))
    const { budget, report } = await probed(RELEASE, ...links)
    expectWithin(budget)
    expect(report?.unread).toContainEqual(unread('/sys/bus/pci/devices', 'pci-functions', 'too-large'))
    expect(report?.exitCode).toBe(3)
  })

  it('what pads an archive is not unpacked to its end', async () => {
    const archive = Buffer.concat([tar(RELEASE), Buffer.alloc(64 << 20)])
    const budget = new Budget()
    const { sysroot } = await openBundle(gzipSync(archive, { level: 1 }), 'x.tar.gz', 'bundle', budget)
    expect(sysroot.text('proc/sys/kernel/osrelease')).toEqual({ state: 'known', value: '6.12.0\n' })
    expect(budget.spent('unpackedBytes')).toBeLessThan(4 << 20)
  })

  it('a text that goes on in newlines is refused before it is taken apart', () => {
    const budget = new Budget()
    expect(takesText(new Uint8Array(100_000_000).fill(0x0a), budget)).toBe(false)
    expect(budget.spent('lines')).toBe(0)
  })

  it.each([
    ['functions', (index: number) => `${index.toString(16).padStart(4, '0')}:00:00.0 Host bridge: A B\n`],
    ['groups', (index: number) => `IOMMU Group ${index} 00:01.0 Host bridge [0600]: A B [8086:1234]\n`],
  ] as const)('a text of more %s than machines have is read no further', (what, line) => {
    const machine = new ToldMachine()
    const text = Array.from({ length: 2 * LIMITS[what] }, (_, index) => line(index)).join('')
    new TextEvidence(machine, 'x').read(bytes(text))
    expect(machine.tooMany).toBe(what)
    expect(machine[what].size).toBe(LIMITS[what])
  })

  it('names that were passed over are told in the report', async () => {
    const { report } = await probed(
      RELEASE,
      { name: '../up' },
      { name: 'sys/a', content: '1' },
      { name: 'sys/a', content: '2' },
    )
    expect(report?.unread).toContainEqual(
      unread('/../up', 'other-files', 'malformed', 'a name that leaves the archive; passed over'),
    )
    expect(report?.unread).toContainEqual(
      unread('/sys/a', 'other-files', 'malformed', 'in the archive twice, with different content'),
    )
  })
})

describe('firmware of somebody who means harm', () => {
  it('elements of the paths of scopes are counted, however few the scopes are', () => {
    const scopes = new Uint8Array(2 * 246 * 200)
    for (let at = 0; at < scopes.length; at += 246) scopes.set([1, 246], at)
    const body = new Uint8Array(12 + 4 * (16 + scopes.length / 2))
    const view = new DataView(body.buffer)
    for (let unit = 0; unit < 4; unit++) {
      const at = 12 + unit * (16 + scopes.length / 2)
      view.setUint16(at + 2, 16 + scopes.length / 2, true)
      body.set(scopes.subarray(0, scopes.length / 2), at + 16)
    }
    const budget = new Budget()
    const { diagnostics } = parseDmar(table('DMAR', body), 'DMAR', budget)
    expectWithin(budget)
    expect(budget.exceeded).toContain('items')
    expect(diagnostics.at(-1)?.message).toMatch(/more than 65536 items/)
  })

  it('an MCFG of zero entries is shown as far as tables of machines go, with what was left out', () => {
    const budget = new Budget()
    const { records, diagnostics } = dumpAcpiTable(table('MCFG', new Uint8Array(8 + 16 * 100_000)), 'MCFG', budget)
    const shown = records?.records.length ?? 0
    expect(shown).toBeGreaterThan(10_000)
    expect(records?.leftOut).toBe(LIMITS.structures - shown)
    expect(diagnostics.at(-1)?.message).toMatch(/more than 32768 structures.*; \d+ bytes from 0x\w+ were left out/)
    expectWithin(budget)
  })

  it('what decode leaves out of a tree is counted: bytes, properties, nodes', () => {
    const board = (children: Record<string, { properties: Record<string, readonly number[]> }>) =>
      parseDeviceTreeBlob(writeFdt(encodeDeviceTree({ properties: { compatible: 'acme,board' }, children })), 'x.dtb')
    const cells = (length: number) => Array.from({ length }, (_, index) => index)
    const long = decodeDeviceTreeBlob('x.dtb', board({ a: { properties: { q: cells(20_000) } } }))
    const [property] = long.nodes[1]?.properties ?? []
    expect(property).toMatchObject({ length: 80_000, leftOut: 80_000 - SINGLE.shownBytes })
    expect([...renderDecodedDeviceTree(long, { columns: 80, colorLevel: 0, all: true })].join('')).toMatch(
      /\.\.\. 14464 more left out \(bytes\)/,
    )

    const names = Array.from({ length: 12 }, (_, index) => `n${index}`)
    const budget = new Budget()
    const many = board(Object.fromEntries(names.map((name) => [name, { properties: { q: cells(10_000), r: [1] } }])))
    const decoded = decodeDeviceTreeBlob('x.dtb', many, budget)
    expectWithin(budget)
    expect(decoded.nodes.at(-1)).toMatchObject({ path: '/n7', propertiesLeftOut: 2 })
    expect(decoded.nodesLeftOut).toBe(4)
    const json = [...jsonPieces(decoded)]
    expect(json.join('')).toBe(toJson(decoded))
    expect(Math.max(...json.map((piece) => piece.length))).toBeLessThan(10 * SINGLE.shownBytes)
  })

  it('maps of ids are too large where the entries of all of them are more than are compared', () => {
    const budget = new Budget()
    const map = Array.from({ length: 4 * 6000 }, (_, index) => index)
    const children = Object.fromEntries(
      ['a', 'b', 'c', 'd'].map((name) => [name, { properties: { 'msi-map': map, 'iommu-map': map } }]),
    )
    const blob = writeFdt(encodeDeviceTree({ properties: { compatible: 'acme,board' }, children }))
    const { tree } = parseDeviceTreeBlob(blob, 'x.dtb', budget)
    expectWithin(budget)
    expect(budget.exceeded).toContain('idMapEntries')
    const states = tree?.root.children.flatMap(({ properties }) => [...properties.values()].map(({ state }) => state))
    expect(states).toEqual(['known', 'known', ...Array.from({ length: 6 }, () => 'unreadable')])
  })

  it('root complexes, each looked for by every function, are as many as machines have', () => {
    const budget = new Budget()
    const node = Uint8Array.from({ length: 40 }, (_, at) => ({ 0: 2, 1: 40, 3: 3, 16: 1, 32: 64 })[at] ?? 0)
    const body = new Uint8Array(12 + 40 * 2000)
    new DataView(body.buffer).setUint32(0, 2000, true)
    new DataView(body.buffer).setUint32(4, 48, true)
    for (let index = 0; index < 2000; index++) body.set(node, 12 + 40 * index)
    const { nodes, diagnostics } = parseIort(table('IORT', body), 'IORT', budget)
    expect(nodes.length).toBe(LIMITS.rootComplexes)
    expect(diagnostics.at(-1)?.message).toMatch(/more than 1024 rootComplexes/)
  })

  /** A GICv3 with one property of `cells` cells. */
  const tree = (name: string, value: Uint8Array) =>
    writeFdt(
      encodeDeviceTree({
        properties: { compatible: 'acme,board' },
        children: {
          'interrupt-controller@8000000': {
            properties: {
              compatible: 'arm,gic-v3',
              'msi-controller': true,
              'mbi-ranges': [64, 32],
              [name]: { bytes: Buffer.from(value).toString('hex') },
            },
          },
        },
      }),
    )
  it.each([
    ['mbi-alias', 4 * 80_000],
    ['#size-cells', 4 * 80_000],
    ['compatible', 200_000],
    ['device_type', 200_000],
    ['reg', 8 * 1024 * 1024],
  ])('a %s of %i bytes is no number and no list of names', (name, length) => {
    const value = new Uint8Array(length).fill(0x61)
    const input = machineFromFiles([{ path: 'x.dtb', bytes: tree(name, value) }])
    expect(() => lintFirmware(input, {})).not.toThrow()
  })
})
