import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Change } from '../../../src/sysroot/changed-sysroot.js'
import type { MemoryEntry, TreeDescription } from '../../../src/sysroot/memory-entry.js'
import { memorySysroot } from '../../../src/sysroot/memory-sysroot.js'
import { allAnswers, drawnTree } from './drawn-tree.js'

const ABSENT = { state: 'absent' }
const IO = { state: 'unreadable', reason: 'io' }
const known = <T>(value: T) => ({ state: 'known', value })
const symlink = (target: string) => ({ kind: 'symlink', target }) as const
const machine = (tree: TreeDescription) => memorySysroot({ kind: 'emulated', name: 'test' }, tree)
const bytes = (text: string): Change => ({ kind: 'bytes', bytes: new TextEncoder().encode(text) })
const FUNCTION = 'sys/bus/pci/devices/0000:00:01.0'

const tree: TreeDescription = {
  [FUNCTION]: symlink('../../../devices/pci0000:00/0000:00:01.0'),
  'sys/devices/pci0000:00/0000:00:01.0/vendor': '0x8086\n',
  'sys/devices/pci0000:00/0000:00:01.0/iommu_group': symlink('../../../kernel/iommu_groups/4'),
  'sys/devices/pci0000:00/0000:00:01.0/msi_irqs/27': 'msix\n',
  'sys/kernel/iommu_groups/4/type': 'DMA\n',
  'proc/cmdline': 'quiet\n',
}

describe('one path changed, named as the probes name it', () => {
  const sysroot = machine(tree)
  test('removed file', () => {
    const changed = sysroot.withChange(`${FUNCTION}/vendor`, { kind: 'removed' })
    expect(changed.text(`${FUNCTION}/vendor`)).toEqual(ABSENT)
    expect(changed.text('sys/devices/pci0000:00/0000:00:01.0/vendor')).toEqual(ABSENT)
    expect(changed.list(FUNCTION)).toEqual(known(['iommu_group', 'msi_irqs']))
    expect(changed.text('proc/cmdline')).toEqual(known('quiet\n'))
    expect(sysroot.text(`${FUNCTION}/vendor`)).toEqual(known('0x8086\n'))
    expect(sysroot.list(FUNCTION)).toEqual(known(['iommu_group', 'msi_irqs', 'vendor']))
  })
  test('removed directory, with all below it', () => {
    const changed = sysroot.withChange('sys/devices/pci0000:00', { kind: 'removed' })
    expect(changed.list(`${FUNCTION}/msi_irqs`)).toEqual(ABSENT)
    expect(changed.text(`${FUNCTION}/iommu_group/type`)).toEqual(ABSENT)
    expect(changed.link(FUNCTION)).toEqual(known('../../../devices/pci0000:00/0000:00:01.0'))
    expect(changed.list('sys/devices')).toEqual(known([]))
    expect(changed.text('sys/kernel/iommu_groups/4/type')).toEqual(known('DMA\n'))
  })
  test('removed link, not what it leads to', () => {
    const changed = sysroot.withChange(`${FUNCTION}/iommu_group`, { kind: 'removed' })
    expect(changed.link(`${FUNCTION}/iommu_group`)).toEqual(ABSENT)
    expect(changed.text(`${FUNCTION}/iommu_group/type`)).toEqual(ABSENT)
    expect(changed.text('sys/kernel/iommu_groups/4/type')).toEqual(known('DMA\n'))
  })
  test('unreadable file, link and directory', () => {
    const reason = { kind: 'unreadable', reason: 'io' } as const
    expect(sysroot.withChange(`${FUNCTION}/vendor`, reason).text(`${FUNCTION}/vendor`)).toEqual(IO)
    expect(sysroot.withChange(`${FUNCTION}/vendor`, reason).list(FUNCTION)).toEqual(
      known(['iommu_group', 'msi_irqs', 'vendor']),
    )
    expect(sysroot.withChange(`${FUNCTION}/iommu_group`, reason).link(`${FUNCTION}/iommu_group`)).toEqual(IO)
    expect(sysroot.withChange('sys/kernel', reason).text(`${FUNCTION}/iommu_group/type`)).toEqual(IO)
    expect(sysroot.withChange(FUNCTION, reason).text(`${FUNCTION}/vendor`)).toEqual(IO)
    expect(sysroot.withChange('', reason).list('sys')).toEqual(IO)
  })
  test('unreadable instead of absent, and nothing else changes', () => {
    const path = 'sys/kernel/debug/irq/domains/default'
    const changed = sysroot.withChange(path, { kind: 'unreadable', reason: 'permission' })
    expect(changed.text(path)).toEqual({ state: 'unreadable', reason: 'permission' })
    expect(changed.list('sys/kernel/debug/irq/domains')).toEqual(ABSENT)
    expect(changed.text('sys/kernel/debug/irq')).toEqual(ABSENT)
    expect(changed.text('sys/kernel/debug/irq/other')).toEqual(ABSENT)
    expect(changed.list('sys/kernel')).toEqual(known(['iommu_groups']))
  })
  test('other bytes, also in a file that was not there', () => {
    expect(sysroot.withChange(`${FUNCTION}/vendor`, bytes('0x1af4\n')).text(`${FUNCTION}/vendor`)).toEqual(
      known('0x1af4\n'),
    )
    const added = sysroot.withChange('sys/module/iommufd/parameters/x', bytes('Y\n'))
    expect(added.text('sys/module/iommufd/parameters/x')).toEqual(known('Y\n'))
    expect(added.list('sys')).toEqual(known(['bus', 'devices', 'kernel', 'module']))
    expect(added.list('sys/module/iommufd')).toEqual(known(['parameters']))
    expect(added.text('sys/module')).toEqual({ state: 'unreadable', reason: 'malformed' })
  })
  test('another link target', () => {
    const changed = sysroot.withChange(`${FUNCTION}/iommu_group`, { kind: 'link', target: '/proc' })
    expect(changed.link(`${FUNCTION}/iommu_group`)).toEqual(known('/proc'))
    expect(changed.text(`${FUNCTION}/iommu_group/cmdline`)).toEqual(known('quiet\n'))
  })
  test('another listing, or none, of a directory that a link leads to', () => {
    const path = `${FUNCTION}/iommu_group`
    const other = sysroot.withChange(path, { kind: 'listing', names: ['x'] })
    expect(other.list('sys/kernel/iommu_groups/4')).toEqual(known(['x']))
    expect(other.text(`${path}/type`)).toEqual(known('DMA\n'))
    expect(sysroot.withChange(path, { kind: 'listing', names: 'permission' }).list(path)).toEqual({
      state: 'unreadable',
      reason: 'permission',
    })
  })
  test('a listing that is spelled out loses and gains names too', () => {
    const listed = machine({ d: { kind: 'directory', listing: ['a', 'b'] }, 'd/a': '' })
    expect(listed.withChange('d/b', { kind: 'removed' }).list('d')).toEqual(known(['a']))
    expect(listed.withChange('d/c/e', bytes('')).list('d')).toEqual(known(['a', 'b', 'c']))
    expect(listed.withChange('d/b', { kind: 'unreadable', reason: 'io' }).list('d')).toEqual(known(['a', 'b']))
  })
  test('what may read otherwise is told by the paths that were read', () => {
    const fresh = machine(tree)
    const vendor = `${FUNCTION}/vendor`
    for (const path of [vendor, `${FUNCTION}/iommu_group/type`, 'proc/cmdline']) fresh.text(path)
    fresh.list(FUNCTION)
    const told = (path: string, change: Change) => [...new Set(fresh.withChange(path, change).changedPaths())].sort()
    expect(told(vendor, { kind: 'removed' })).toEqual([FUNCTION, vendor])
    expect(told(vendor, { kind: 'unreadable', reason: 'io' })).toEqual([vendor])
    expect(told(FUNCTION, { kind: 'listing', names: [] })).toEqual([FUNCTION])
    expect(told('sys/kernel/iommu_groups/4', { kind: 'unreadable', reason: 'io' })).toEqual([
      `${FUNCTION}/iommu_group/type`,
    ])
  })
  test('several changes', () => {
    const changed = sysroot.withChanges([
      ['proc/cmdline', bytes('x\n')],
      [`${FUNCTION}/vendor`, { kind: 'removed' }],
      ['boot/config', bytes('')],
    ])
    expect(changed.text('proc/cmdline')).toEqual(known('x\n'))
    expect(changed.text(`${FUNCTION}/vendor`)).toEqual(ABSENT)
    expect(changed.list('')).toEqual(known(['boot', 'proc', 'sys']))
  })
})

// The overlay shares answers with the whole tree, whatever was read before. A tree made anew with the change in it
// shares nothing, so the two must agree on every question.
test('a changed machine answers as one built with the change in it', () => {
  let compared = 0
  fc.assert(
    fc.property(
      drawnTree,
      fc.nat(),
      fc.constantFrom('removed', 'unreadable', 'bytes', 'link'),
      fc.boolean(),
      (drawn, pick, kind, warm) => {
        const paths = Object.keys(drawn)
        const path = paths[pick % paths.length] ?? 'a'
        const { [path]: before, ...rest } = drawn
        if (before?.kind === 'symlink' && kind === 'bytes') return
        const base = machine(drawn)
        if (warm) allAnswers(base)
        const kept = Object.fromEntries(Object.entries(rest).filter(([other]) => !other.startsWith(`${path}/`)))
        // The directory that held the name stays when the name goes.
        const parents = path.includes('/')
          ? { [path.slice(0, path.lastIndexOf('/'))]: { kind: 'directory' } as const }
          : {}
        const replacement: Record<typeof kind, { change: Change; entry?: MemoryEntry }> = {
          removed: { change: { kind: 'removed' } },
          unreadable: { change: { kind: 'unreadable', reason: 'io' }, entry: { kind: 'unreadable', reason: 'io' } },
          bytes: {
            change: { kind: 'bytes', bytes: Uint8Array.of(0x33) },
            entry: { kind: 'file', content: Uint8Array.of(0x33) },
          },
          link: { change: { kind: 'link', target: '/b' }, entry: { kind: 'symlink', target: '/b' } },
        }
        const { change, entry } = replacement[kind]
        const expected = machine({ ...parents, ...kept, ...(entry === undefined ? {} : { [path]: entry }) })
        expect(allAnswers(base.withChange(path, change))).toEqual(allAnswers(expected))
        compared += 1
      },
    ),
    { numRuns: 1000, seed: 20_140_304 },
  )
  expect(compared).toBeGreaterThan(800)
})
