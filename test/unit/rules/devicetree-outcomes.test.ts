import { describe, expect, it } from 'vitest'
import { encodeDeviceTree, type NodeSource } from '../../../src/emulator/firmware/devicetree-source.js'
import { emulateMachine } from '../../../src/emulator/emulate.js'
import { writeFdt } from '../../../src/emulator/firmware/fdt-writer.js'
import type { TreeEntry } from '../../../src/emulator/sysfs-builder.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { analyse, type Analysis } from '../../../src/report/probe/build.js'
import { deviceTreeRules } from '../../../src/rules/devicetree-rules.js'
import { MemorySysroot, MemoryTree } from '../../../src/sysroot/memory-sysroot.js'
import { board } from './judged-tree.js'
import { arm } from './metal.js'
import { BRIDGE, FAULTS, FRAMES } from './tree-faults.js'

type Files = ReadonlyMap<string, TreeEntry>

const file = (content: Uint8Array): TreeEntry => ({ kind: 'file', content })
const text = (content: string): TreeEntry => file(new TextEncoder().encode(content))
const blobOf = (tree: NodeSource): TreeEntry => file(writeFdt(encodeDeviceTree(tree)))
const analysed = (files: Files): Analysis =>
  analyse(probeMachine(new MemorySysroot({ kind: 'emulated', name: 'test' }, new MemoryTree(files))))

const tables = emulateMachine(arm())
const machine = emulateMachine(arm({ firmware: 'devicetree' }))
const bridgeNode = 'sys/firmware/devicetree/base/pcie@4010000000'
const sameSegment = (msiBase: number) =>
  blobOf(board({ bridge: { 'linux,pci-domain': 0, 'msi-map': [0, '&its', msiBase, 0x10000] } }))

/** Machines that between them show every outcome. */
const MACHINES: ReadonlyMap<string, Files> = new Map<string, Files>([
  ...FAULTS.map(([what, change, release]): [string, Files] => [
    what,
    new Map([
      ['sys/firmware/fdt', blobOf(board(change))],
      ['proc/sys/kernel/osrelease', text(`${release}\n`)],
    ]),
  ]),
  ['a sound machine', machine],
  [
    'an msi-parent and frames that are right',
    new Map([
      ['sys/firmware/fdt', blobOf(board({ nodes: FRAMES, bridge: { 'msi-map': null, 'msi-parent': ['&first'] } }))],
    ]),
  ],
  ['a property has other bytes', new Map([...machine, [`${bridgeNode}/msi-map`, file(new Uint8Array(16))]])],
  ['no tree at all', tables],
  ['a damaged blob', new Map([['sys/firmware/fdt', file(Uint8Array.of(0xd0, 0x0d, 0xfe, 0xed, 0))]])],
  ['no device', new Map([['sys/firmware/fdt', blobOf({ properties: { compatible: 'emulated,board' } })]])],
  ['tree and tables that agree', new Map([...tables, ['sys/firmware/fdt', sameSegment(0)]])],
  ['tree and tables that do not', new Map([...tables, ['sys/firmware/fdt', sameSegment(0x20000)]])],
  ['a property was lost', new Map([...machine].filter(([path]) => path !== `${bridgeNode}/msi-map`))],
])

const results = [...MACHINES].map(([name, files]) => ({ name, ...analysed(files) }))

describe('every outcome that a rule about device trees declares has a machine', () => {
  it.each(deviceTreeRules.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
    const had = new Set(results.map(({ evaluation }) => evaluation.outcomes.get(id)))
    expect([...had].map(String).sort()).toEqual([...rule.outcomes].sort())
  })

  it('and every message is said of one of them', () => {
    const said = new Set(
      results.flatMap(({ evaluation }) => evaluation.findings.map(({ rule, item }) => `${rule.id} ${item.message}`)),
    )
    // Those that need functions are said in their own test, and nobody has a hundred faults.
    const elsewhere = /present|device-id-guessed|hot-plug|free-vfs|more$|order-unknown|IR390 tables|IR315 node/
    const silent = deviceTreeRules
      .flatMap(({ id, messages }) => Object.keys(messages).map((message) => `${id} ${message}`))
      .filter((message) => !said.has(message) && !elsewhere.test(message))
    expect(silent).toEqual([])
  })
})

describe('what a finding about a device tree says', () => {
  it('is a whole sentence with a place that it was seen at', () => {
    const wrong = results.flatMap(({ name, report }) =>
      report.findings
        .filter(({ rule }) => rule.startsWith('IR3'))
        .filter(
          ({ summary, evidence, remedy, references }) =>
            /[{}]|undefined|NaN|\s,|\s\.|\( *\)|  /.test(summary) ||
            !summary.endsWith('.') ||
            evidence.length === 0 ||
            evidence.some(({ value }) => value === '') ||
            remedy === '' ||
            references.length === 0,
        )
        .map(({ rule, summary, evidence }) => `${name}: ${rule} "${summary}" (${evidence.length} places)`),
    )
    expect(wrong).toEqual([])
  })

  it('cites a binding, and says what Linux makes of it', () => {
    const mute = results.flatMap(({ evaluation }) =>
      evaluation.findings.flatMap(({ rule, kind, item }) =>
        rule.id.startsWith('IR3') && kind === 'fail' && !(item.linux ?? '').includes('Linux')
          ? [`${rule.id} ${item.message}`]
          : [],
      ),
    )
    expect([...new Set(mute)]).toEqual([])
    const uncited = deviceTreeRules.filter(({ references }) =>
      references.every(({ title }) => title.startsWith('Linux')),
    )
    expect(uncited.map(({ id }) => id)).toEqual(['IR315'])
  })

  it('names the host bridge or controller as its subject', () => {
    const subjects = results.flatMap(({ report }) =>
      report.findings
        .filter(({ rule, outcome }) => rule.startsWith('IR3') && outcome === 'fail')
        .map(({ subject }) => subject),
    )
    expect(subjects).toContain(BRIDGE)
    expect(subjects.filter((subject) => !subject.startsWith('/'))).toEqual([])
  })
})
