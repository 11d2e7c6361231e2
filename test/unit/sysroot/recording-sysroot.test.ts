import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { packTar, type TarEntry } from 'modern-tar'
import { expect, test } from 'vitest'
import { splitForBundle } from '../../../src/sysroot/bundle-manifest.js'
import { openBundle } from '../../../src/sysroot/bundle-sysroot.js'
import type { Change } from '../../../src/sysroot/changed-sysroot.js'
import type { MemoryEntry, TreeDescription } from '../../../src/sysroot/memory-entry.js'
import { memorySysroot } from '../../../src/sysroot/memory-sysroot.js'
import { memorySysrootFromRecord, treeFromRecord, type SysrootRecord } from '../../../src/sysroot/record.js'
import { RecordingSysroot } from '../../../src/sysroot/recording-sysroot.js'
import type { Read, Sysroot } from '../../../src/sysroot/sysroot.js'
import type { TracedSysroot } from '../../../src/sysroot/trace.js'
import { drawnTree, PATHS, QUESTIONS } from './drawn-tree.js'

const NOT_COLLECTED = { state: 'unreadable', reason: 'not-collected' }
const known = <T>(value: T): Read<T> => ({ state: 'known', value })
const symlink = (target: string) => ({ kind: 'symlink', target }) as const
const machine = (tree: TreeDescription) => memorySysroot({ kind: 'emulated', name: 'test' }, tree)
const FUNCTION = 'sys/bus/pci/devices/0000:00:01.0'

/** The record as capture writes it: a tar.gz with `sysroot/` and `manifest.json`. */
async function throughBundle(record: SysrootRecord): Promise<Sysroot> {
  const { archive, manifest } = splitForBundle(treeFromRecord(record))
  const entries = [...archive].map(([path, entry]): TarEntry => packed(`sysroot/${path}`, entry))
  const text = JSON.stringify(manifest)
  entries.push({ header: { name: 'manifest.json', size: Buffer.byteLength(text) }, body: text })
  const { sysroot, notes } = await openBundle(gzipSync(await packTar(entries)), 'recorded.tar.gz')
  expect(notes.filter((note) => !note.includes('no sys directory'))).toEqual([])
  return sysroot
}

function packed(name: string, entry: MemoryEntry): TarEntry {
  if (entry.kind === 'symlink') return { header: { name, size: 0, type: 'symlink', linkname: entry.target } }
  const content = entry.kind === 'file' && typeof entry.content !== 'string' ? entry.content : undefined
  return content
    ? { header: { name, size: content.length }, body: content }
    : { header: { name: `${name}/`, size: 0, type: 'directory' } }
}

const tree: TreeDescription = {
  [FUNCTION]: symlink('../../../devices/pci0000:00/0000:00:01.0'),
  'sys/devices/pci0000:00/0000:00:01.0/config': Uint8Array.of(1, 2, 3),
  'sys/devices/pci0000:00/0000:00:01.0/serial': 'secret\n',
  'sys/devices/pci0000:00/0000:00:01.0/iommu_group': symlink('../../../kernel/iommu_groups/4'),
  'sys/kernel/iommu_groups/4/type': 'DMA\n',
  'sys/firmware/acpi/tables/IORT': { kind: 'file', content: 'permission' },
  'sys/kernel/debug': { kind: 'directory', listing: 'permission' },
}

test('the record replays what was read, and knows nothing else', async () => {
  const recording = new RecordingSysroot(machine(tree))
  const ask = (sysroot: Sysroot) => [
    sysroot.bytes(`${FUNCTION}/config`),
    sysroot.list(FUNCTION),
    sysroot.link(`${FUNCTION}/iommu_group`),
    sysroot.text(`${FUNCTION}/iommu_group/type`),
    sysroot.bytes('sys/firmware/acpi/tables/IORT'),
    sysroot.bytes('sys/firmware/acpi/tables/DMAR'),
    sysroot.list('sys/kernel/debug'),
    sysroot.text('proc/cmdline'),
  ]
  const answers = ask(recording)
  expect(answers).toEqual([
    known(Uint8Array.of(1, 2, 3)),
    known(['config', 'iommu_group', 'serial']),
    known('../../../kernel/iommu_groups/4'),
    known('DMA\n'),
    { state: 'unreadable', reason: 'permission' },
    { state: 'absent' },
    { state: 'unreadable', reason: 'permission' },
    { state: 'absent' },
  ])
  for (const replay of [memorySysrootFromRecord(recording.record()), await throughBundle(recording.record())]) {
    expect(ask(replay)).toEqual(answers)
    // Nobody asked for these: a file that was only listed, a directory that was only passed, a name of a later release.
    expect(replay.text(`${FUNCTION}/serial`)).toEqual(NOT_COLLECTED)
    expect(replay.list('sys/kernel')).toEqual(NOT_COLLECTED)
    expect(replay.text('sys/kernel/iommu_groups/4/reserved_regions')).toEqual(NOT_COLLECTED)
  }
  expect([...treeFromRecord(recording.record()).keys()]).not.toContain('sys/devices/pci0000:00/0000:00:01.0/serial')
})

test('every question is noted once, with its kind, in order', () => {
  const recording = new RecordingSysroot(machine(tree))
  recording.text(`${FUNCTION}/iommu_group/type`)
  recording.text(`${FUNCTION}/iommu_group/type`)
  recording.bytes(`${FUNCTION}/iommu_group/type`)
  recording.link('sys/none')
  const { origin, reads } = recording.record()
  expect(origin).toEqual({ kind: 'emulated', name: 'test' })
  expect(reads.map(({ kind, path, result }) => [kind, path, result.state])).toEqual([
    ['text', `${FUNCTION}/iommu_group/type`, 'known'],
    ['bytes', `${FUNCTION}/iommu_group/type`, 'known'],
    ['link', 'sys/none', 'absent'],
  ])
  expect(reads[0]?.trace.path).toBe('sys/kernel/iommu_groups/4/type')
  expect(reads[0]?.trace.steps).toContainEqual({
    path: FUNCTION,
    kind: 'symlink',
    target: '../../../devices/pci0000:00/0000:00:01.0',
  })
  expect(reads[0]?.trace.steps.at(-1)).toEqual({ path: 'sys/kernel/iommu_groups/4/type', kind: 'file' })
})

test('the first answer stays, as text and as bytes and through whatever link', () => {
  let count = 0
  const inner = machine({ 'proc/interrupts': 'x', alias: symlink('proc/interrupts') })
  const changing: TracedSysroot = {
    origin: inner.origin,
    budget: inner.budget,
    text: () => expect.fail('text is decoded from the bytes'),
    bytes: () => known(new TextEncoder().encode(`${(count += 1)}\n`)),
    list: () => known([`${(count += 1)}`]),
    link: (path) => inner.link(path),
    trace: (path, follow) => inner.trace(path, follow),
  }
  const recording = new RecordingSysroot(changing)
  expect(recording.text('proc/interrupts')).toEqual(known('1\n'))
  expect(recording.text('proc/interrupts')).toEqual(known('1\n'))
  expect(recording.bytes('proc/interrupts')).toEqual(known(new TextEncoder().encode('1\n')))
  expect(recording.text('alias')).toEqual(known('1\n'))
  expect(recording.list('proc')).toEqual(known(['2']))
  expect(recording.list('proc')).toEqual(known(['2']))
})

test('names that JavaScript knows survive the manifest', async () => {
  const recording = new RecordingSysroot(
    machine({ __proto__x: '', 'a/__proto__': { kind: 'unreadable', reason: 'permission' } }),
  )
  recording.text('a/__proto__')
  recording.text('__proto__')
  recording.text('constructor')
  const replay = await throughBundle(recording.record())
  expect(replay.text('a/__proto__')).toEqual({ state: 'unreadable', reason: 'permission' })
  expect(replay.text('__proto__')).toEqual({ state: 'absent' })
  expect(replay.text('constructor')).toEqual({ state: 'absent' })
})

// What was asked is answered alike. What was not asked is either what the machine would have said, or unreadable: a
// recording never invents, and never turns what it did not see into absence.
const KINDS = ['text', 'bytes', 'list', 'link'] as const
const change: fc.Arbitrary<Change> = fc.oneof(
  fc
    .constantFrom('permission', 'io', 'malformed', 'too-large')
    .map((reason): Change => ({ kind: 'unreadable', reason })),
  fc.constantFrom('permission', 'io').map((names): Change => ({ kind: 'listing', names })),
)
const changes = fc.array(fc.tuple(fc.constantFrom(...PATHS), change), { maxLength: 3 })
const questions = fc.array(fc.tuple(fc.constantFrom(...KINDS), fc.constantFrom(...QUESTIONS)), {
  minLength: 1,
  maxLength: 40,
})

test('drawn machines: asked alike, not asked never better', async () => {
  const unasked = { same: 0, unreadable: 0 }
  await fc.assert(
    fc.asyncProperty(drawnTree, changes, questions, fc.boolean(), async (drawn, made, asked, bundle) => {
      // Below a directory that is there: on a real machine nothing else can be unreadable.
      const possible = made.filter(
        ([path]) => !path.includes('/') || drawn[path.replace(/\/[^/]*$/, '')]?.kind === 'directory',
      )
      const original = machine(drawn).withChanges(possible)
      const recording = new RecordingSysroot(original)
      for (const [kind, path] of asked) recording[kind](path)
      const record = recording.record()
      const replay = bundle ? await throughBundle(record) : memorySysrootFromRecord(record)
      for (const [kind, path] of asked) {
        expect([kind, path, replay[kind](path)]).toEqual([kind, path, original[kind](path)])
      }
      for (const kind of KINDS) {
        for (const path of QUESTIONS) {
          const answer = replay[kind](path)
          if (answer.state === 'unreadable') unasked.unreadable += 1
          else {
            expect([kind, path, answer]).toEqual([kind, path, original[kind](path)])
            unasked.same += 1
          }
        }
      }
    }),
    { numRuns: 1500, seed: 20_140_304 },
  )
  expect(unasked.same).toBeGreaterThan(1000)
  expect(unasked.unreadable).toBeGreaterThan(1000)
})
