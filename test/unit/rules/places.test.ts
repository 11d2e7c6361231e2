import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from 'sarif'
import { describe, expect, it } from 'vitest'
import { encodeDeviceTree } from '../../../src/emulator/firmware/devicetree-source.js'
import { writeDeviceTreeDirectory } from '../../../src/emulator/firmware/devicetree-directory.js'
import { writeDmar } from '../../../src/emulator/firmware/dmar-writer.js'
import { writeFdt } from '../../../src/emulator/firmware/fdt-writer.js'
import { writeIvrs } from '../../../src/emulator/firmware/ivrs-writer.js'
import { SysfsBuilder } from '../../../src/emulator/sysfs-builder.js'
import { contextOf } from '../../../src/kernel/build-context.js'
import type { DeviceTree } from '../../../src/machine/devicetree.js'
import type { Machine } from '../../../src/machine/machine.js'
import { machineFromFiles } from '../../../src/probes/firmware-files.js'
import { probeFirmware } from '../../../src/probes/firmware-machine.js'
import { findingsOfLint } from '../../../src/report/lint/findings-document.js'
import { lintFirmware } from '../../../src/report/lint/lint.js'
import { renderSarif } from '../../../src/render/formats/sarif.js'
import { renderLintText } from '../../../src/render/lint/lint-text.js'
import { buildRoutes } from '../../../src/routes/build.js'
import { rules } from '../../../src/rules/registry.js'
import type { Evidence, OutcomeItem, Rule } from '../../../src/rules/rule.js'
import { MemorySysroot, MemoryTree } from '../../../src/sysroot/memory-sysroot.js'
import { CORPUS, hasCorpus } from '../../support/outside.js'
import { sysrootNamed } from '../../support/whole-machines.js'
import { FAULTS_OF_MAPPINGS } from './acpi-faults-of-mappings.js'
import { FAULTS_OF_TABLES } from './acpi-faults-of-tables.js'
import { tableFiles } from './firmware-tables.js'
import { board, type BoardChange } from './judged-tree.js'
import { FAULTS } from './tree-faults.js'

/** What is said without bytes or node, by message or by rule and message, and why it has none. */
const WITHOUT_PLACE: Readonly<Record<string, string>> = {
  'not-given': 'nobody gave the file',
  unreadable: 'of a file that cannot be read there is the file alone',
  malformed: 'nothing of the table was taken, so that the whole file is the place',
  second: 'the list of tables tells of it, not the table',
  'not-followed': 'what was not looked at is not known: the whole table is the place',
  more: 'it stands for items at many places',
  'IR217 one': 'a root complex that is missing stands nowhere; functions alone show the segment',
  'IR217 several': 'as of one segment',
}

const isOfTree = ({ id }: Rule) => id.startsWith('IR3')
const hasBytes = ({ from }: Evidence) => from.at !== undefined

function hasNode({ from }: Evidence, tree: DeviceTree | undefined): boolean {
  return from.node !== undefined && tree?.byPath.has(from.node) === true
}

/** What of a finding has no place. */
function* faultsOf(rule: Rule, item: OutcomeItem, tree: DeviceTree | undefined): Generator<string> {
  const says = `${rule.id} ${item.message} on ${item.subject}`
  const { evidence } = item
  // An excerpt that nobody made words of.
  if (evidence.some(({ value }) => value.includes('[object'))) yield `${says}: shows an object`
  // Whatever a tree says is a node's, whichever rule tells it.
  const lost = evidence.filter(({ from }) => from.property !== undefined && from.node === undefined)
  if (lost.length > 0) yield `${says}: a property without a node`
  if ([item.message, `${rule.id} ${item.message}`].some((key) => key in WITHOUT_PLACE)) return
  const [first] = evidence
  if (!first) yield `${says}: no evidence`
  else if (isOfTree(rule) && !evidence.every((one) => hasNode(one, tree))) yield `${says}: no node`
  else if (!isOfTree(rule) && !hasBytes(first)) yield `${says}: no offset`
}

/** Rules of firmware that found something on the machine, and which of it has no place. */
function lookAt(machine: Machine, release?: string) {
  const subject = { machine, routes: buildRoutes(contextOf(machine, release)) }
  const tree = machine.deviceTree.state === 'known' ? machine.deviceTree.value : undefined
  const found = new Set<string>()
  const wrong = new Set<string>()
  for (const rule of rules.filter(({ id }) => id.startsWith('IR2') || id.startsWith('IR3'))) {
    const { failed, unknown } = rule.check(subject)
    for (const item of [...failed, ...unknown]) {
      found.add(rule.id)
      for (const fault of faultsOf(rule, item, tree)) wrong.add(fault)
    }
  }
  return { found, wrong }
}

/** Looks at all of them together. */
function lookAtAll(machines: Iterable<readonly [Machine, string?]>) {
  const found = new Set<string>()
  const wrong = new Set<string>()
  for (const [machine, release] of machines) {
    const one = lookAt(machine, release)
    for (const id of one.found) found.add(id)
    for (const fault of one.wrong) wrong.add(fault)
  }
  return { found: [...found].sort(), wrong: [...wrong] }
}

const blobOf = (change: BoardChange) => writeFdt(encodeDeviceTree(board(change)))
const ofFile = (path: string, bytes: Uint8Array) => machineFromFiles([{ path, bytes }]).machine

/** The board as the kernel shows it, with the blob it booted with beside it. */
function running(change: BoardChange, blob: Uint8Array): Machine {
  const builder = new SysfsBuilder()
  writeDeviceTreeDirectory(encodeDeviceTree(board(change)), builder, 'sys/firmware/devicetree/base')
  builder.file('sys/firmware/fdt', blob)
  return probeFirmware(new MemorySysroot({ kind: 'emulated', name: 'board' }, new MemoryTree(builder.tree()))).machine
}

/** Bytes that were changed at places that a seed draws. */
function damaged(bytes: Uint8Array, seed: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  let state = seed
  for (let index = 0; index < 1 + (seed % 5); index++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    copy[40 + ((state >>> 8) % (copy.length - 40))] = [0, 1, 0xff, 4][state & 3] ?? 0
  }
  return copy
}

/** Bytes of a file that is still looked at. */
const LARGEST = 25_000
const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1)

describe('every finding about firmware has a place', () => {
  it('in tables with a fault of every kind', () => {
    const { found, wrong } = lookAtAll(
      [...FAULTS_OF_MAPPINGS, ...FAULTS_OF_TABLES].map(({ tables }) => [machineFromFiles(tableFiles(tables)).machine]),
    )
    expect(wrong).toEqual([])
    expect(found.length).toBeGreaterThan(15)
  })

  it('in trees with a fault of every kind, as a blob, and as a directory that a blob contradicts', () => {
    const { found, wrong } = lookAtAll(
      FAULTS.flatMap(([, change, release]): (readonly [Machine, string])[] => [
        [ofFile('board.dtb', blobOf(change)), release],
        [running(change, blobOf({})), release],
      ]),
    )
    expect(wrong).toEqual([])
    expect(found).toContain('IR315')
    expect(found.length).toBeGreaterThan(10)
  })

  it('in files that are damaged anywhere', () => {
    const originals: readonly (readonly [string, Uint8Array])[] = [
      ['board.dtb', blobOf({})],
      ['DMAR', writeDmar({ flags: 1, structures: [{ type: 'drhd', flags: 1, base: '0xfed91000', scopes: [] }] })],
      ['IVRS', writeIvrs({ blocks: [{ type: 'ivhd', code: 17, deviceId: 2, base: 0xfeb80000, entries: [] }] })],
      ...tableFiles({}).map(({ path, bytes }) => [path, bytes] as const),
    ]
    const { found, wrong } = lookAtAll(
      SEEDS.flatMap((seed) => originals.map(([path, bytes]) => [ofFile(path, damaged(bytes, seed))] as const)),
    )
    expect(wrong).toEqual([])
    expect(found.length).toBeGreaterThan(10)
  })

  it('on whole machines', async () => {
    const names = ['arm-dt-msimap-mask-612', 'arm-v3its-topo-acpi-612', 'synquacer-pre-its-smmu', 'rk3588-rock-5b']
    const sysroots = await Promise.all(names.map(sysrootNamed))
    const { wrong } = lookAtAll(sysroots.flatMap((sysroot) => (sysroot ? [[probeFirmware(sysroot).machine]] : [])))
    expect(wrong).toEqual([])
  })

  it.skipIf(!hasCorpus)('on real boards, whole and damaged', () => {
    const files = readdirSync(CORPUS, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(?:dat|dtb)$/.test(name),
    )
    const { found, wrong } = lookAtAll(
      files.sort().flatMap((name, index) => {
        const bytes = Uint8Array.from(readFileSync(join(CORPUS, name)))
        // The larger trees are of the same chips, and cost a second each.
        if (bytes.length > LARGEST) return []
        return [[ofFile(name, bytes)], [ofFile(name, damaged(bytes, index + 1))]]
      }),
    )
    expect(wrong).toEqual([])
    expect(found.length).toBeGreaterThan(15)
  })
})

describe('the place of a finding', () => {
  const change = { bridge: { 'msi-map': [0, 0x77, 0, 0x10000] } } as const
  const bytes = blobOf(change)
  const report = lintFirmware(machineFromFiles([{ path: 'board.dtb', bytes }]), { kernelRelease: '6.12.0' })
  const finding = report.findings.find(({ rule }) => rule === 'IR301')
  const at = finding?.evidence[0]?.at

  it('is bytes and node in JSON', () => {
    expect(at).toMatchObject({ length: 16, node: '/pcie@10000000' })
    const offset = at && 'offset' in at ? at.offset : 0
    // The map itself: base 0, phandle 0x77, output 0, 0x10000 ids.
    expect([...bytes.subarray(offset, offset + 16)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0x77, 0, 0, 0, 0, 0, 1, 0, 0])
    expect(finding).toMatchObject({ path: 'board.dtb', offset: `0x${offset.toString(16)}` })
  })

  it('is a physical and a logical location in SARIF', () => {
    const offset = at && 'offset' in at ? at.offset : 0
    // The renderer's own type; what is expected of it are literals.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const { runs } = JSON.parse(renderSarif(findingsOfLint(report))) as Log
    expect(runs[0]?.results?.find(({ ruleId }) => ruleId === 'IR301')?.locations).toEqual([
      {
        physicalLocation: {
          artifactLocation: { uri: 'board.dtb' },
          region: { byteOffset: offset, byteLength: 16 },
        },
        logicalLocations: [{ fullyQualifiedName: '/pcie@10000000' }],
      },
    ])
  })

  it('is offset, node and property in the text', () => {
    const text = renderLintText(report, { columns: 100, colorLevel: 0, all: false })
    expect(text).toMatch(/At +0x[0-9a-f]+: "\/pcie@10000000 msi-map = <0x0 0x77 0x0 0x10000>"/)
  })
})
