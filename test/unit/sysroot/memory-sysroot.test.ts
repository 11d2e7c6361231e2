import { describe, expect, test } from 'vitest'
import type { MemoryEntry, TreeDescription } from '../../../src/sysroot/memory-entry.js'
import { memorySysroot } from '../../../src/sysroot/memory-sysroot.js'
import type { Read } from '../../../src/sysroot/sysroot.js'

const ABSENT = { state: 'absent' }
const IO = { state: 'unreadable', reason: 'io' }
const MALFORMED = { state: 'unreadable', reason: 'malformed' }
const known = <T>(value: T): Read<T> => ({ state: 'known', value })
const symlink = (target: string) => ({ kind: 'symlink', target }) as const
const machine = (tree: TreeDescription) => memorySysroot({ kind: 'emulated', name: 'test' }, tree)

describe('files, directories and links', () => {
  const sysroot = machine({
    'proc/cmdline': 'quiet\n',
    'sys/bus/pci/devices/0000:00:01.0': symlink('../../../devices/pci0000:00/0000:00:01.0'),
    'sys/devices/pci0000:00/0000:00:01.0/config': Uint8Array.of(0xf4, 0x1a),
    'sys/devices/pci0000:00/0000:00:01.0/iommu_group': symlink('../../../kernel/iommu_groups/4'),
    'sys/kernel/iommu_groups/4/devices': { kind: 'directory' },
    'sys/locked': { kind: 'file', content: 'permission' },
    'sys/closed': { kind: 'directory', listing: 'permission' },
    'sys/closed/open': 'yes\n',
    'dev/vfio/vfio': { kind: 'unreadable', reason: 'malformed' },
  })

  test('a file is read as text and as bytes', () => {
    expect(sysroot.text('proc/cmdline')).toEqual(known('quiet\n'))
    expect(sysroot.bytes('proc/cmdline')).toEqual(known(new TextEncoder().encode('quiet\n')))
  })
  test('a path through a link, as sysfs has them', () => {
    expect(sysroot.bytes('sys/bus/pci/devices/0000:00:01.0/config')).toEqual(known(Uint8Array.of(0xf4, 0x1a)))
    expect(sysroot.list('sys/bus/pci/devices/0000:00:01.0')).toEqual(known(['config', 'iommu_group']))
    expect(sysroot.list('sys/bus/pci/devices/0000:00:01.0/iommu_group')).toEqual(known(['devices']))
  })
  test('a link is its raw target', () => {
    expect(sysroot.link('sys/bus/pci/devices/0000:00:01.0/iommu_group')).toEqual(
      known('../../../kernel/iommu_groups/4'),
    )
  })
  test('a path through a link still leads there when many others were walked meanwhile', () => {
    const many = Array.from({ length: 3000 }, (_, index) => String(index))
    const entries = many.flatMap((name): [string, string | MemoryEntry][] => [
      [`sys/devices/${name}/class`, `${name}\n`],
      [`sys/bus/${name}`, symlink(`../devices/${name}`)],
    ])
    const tree = machine(Object.fromEntries(entries))
    const answers = () => many.map((name) => tree.text(`sys/bus/${name}/class`))
    const expected = many.map((name) => known(`${name}\n`))
    expect(answers()).toEqual(expected)
    expect(answers()).toEqual(expected)
  })
  test('the root lists its names, sorted', () => expect(sysroot.list('')).toEqual(known(['dev', 'proc', 'sys'])))
  test('an empty directory lists nothing', () => {
    expect(sysroot.list('sys/kernel/iommu_groups/4/devices')).toEqual(known([]))
  })
  test('a name that is not there is absent, below a file too', () => {
    expect(sysroot.text('proc/config.gz')).toEqual(ABSENT)
    expect(sysroot.list('no/such/directory')).toEqual(ABSENT)
    expect(sysroot.link('proc/cmdline/x')).toEqual(ABSENT)
    expect(sysroot.text('proc/none/../cmdline')).toEqual(ABSENT)
  })
  test('what was asked for is not what is there', () => {
    expect(sysroot.bytes('sys/kernel')).toEqual(MALFORMED)
    expect(sysroot.list('proc/cmdline')).toEqual(MALFORMED)
    expect(sysroot.link('proc/cmdline')).toEqual(MALFORMED)
    expect(sysroot.link('sys/kernel')).toEqual(MALFORMED)
  })
  test('unreadable content and listings keep their reason, what is beside them stays readable', () => {
    expect(sysroot.text('sys/locked')).toEqual({ state: 'unreadable', reason: 'permission' })
    expect(sysroot.list('sys/closed')).toEqual({ state: 'unreadable', reason: 'permission' })
    expect(sysroot.text('sys/closed/open')).toEqual(known('yes\n'))
  })
  test('a device node is listed and never read', () => {
    expect(sysroot.list('dev/vfio')).toEqual(known(['vfio']))
    expect(sysroot.bytes('dev/vfio/vfio')).toEqual(MALFORMED)
  })
  test('invalid UTF-8 becomes U+FFFD, a byte order mark stays', () => {
    const text = machine({ a: Uint8Array.of(0x41, 0xff, 0x42), b: Uint8Array.of(0xef, 0xbb, 0xbf, 0x43) })
    expect(text.text('a')).toEqual(known('A\uFFFDB'))
    expect(text.text('b')).toEqual(known('\uFEFFC'))
  })
  test('names that JavaScript knows are names like any other', () => {
    const odd = machine({ 'constructor/__proto__x': 'a\n' })
    expect(odd.text('constructor/__proto__x')).toEqual(known('a\n'))
    expect(odd.text('toString')).toEqual(ABSENT)
    expect(odd.text('__proto__')).toEqual(ABSENT)
  })
  test('listings are sorted by code unit', () => {
    expect(machine({ b: '', B: '', a10: '', a9: '', '\u{1f600}': '', '\uffee': '' }).list('')).toEqual(
      known(['B', 'a10', 'a9', 'b', '\u{1f600}', '\uffee']),
    )
  })
})

describe('links stay below the root, as under chroot', () => {
  const chain = (length: number): TreeDescription => {
    const tree: Record<string, string | MemoryEntry> = { l0: 'end\n' }
    for (let at = 1; at <= length; at += 1) tree[`l${at}`] = symlink(`l${at - 1}`)
    return tree
  }
  const sysroot = machine({
    'etc/passwd': 'inside\n',
    'sys/absolute': symlink('/etc/passwd'),
    'sys/up': symlink('../../../../../../etc/passwd'),
    'sys/root': symlink('/'),
    'sys/dots': symlink('./.././/etc//passwd'),
    'sys/dangling': symlink('nowhere'),
    'sys/empty': symlink(''),
    'sys/self': symlink('self'),
    'sys/one': symlink('two'),
    'sys/two': symlink('/sys/one/x'),
    'sys/through': symlink('absolute/..'),
    'sys/long': symlink(`${'./'.repeat(3000)}absolute`),
  })

  test.each([
    'sys/absolute',
    'sys/up',
    'sys/dots',
    'sys/root/etc/passwd',
    'sys/root/../../etc/passwd',
    'sys/../etc/passwd',
  ])('%s is the file inside', (path) => expect(sysroot.text(path)).toEqual(known('inside\n')))
  test('dangling and empty links lead nowhere, and are links', () => {
    expect(sysroot.text('sys/dangling')).toEqual(ABSENT)
    expect(sysroot.link('sys/dangling')).toEqual(known('nowhere'))
    expect(sysroot.text('sys/empty')).toEqual(ABSENT)
  })
  test('loops end', () => {
    expect(sysroot.text('sys/self')).toEqual(IO)
    expect(sysroot.list('sys/one')).toEqual(IO)
    expect(sysroot.link('sys/one/x')).toEqual(IO)
    expect(sysroot.link('sys/self')).toEqual(known('self'))
  })
  test('".." behind a file is nothing', () => expect(sysroot.list('sys/through')).toEqual(ABSENT))
  test('forty links are followed, forty-one are not, also where directories were resolved before', () => {
    const links = machine(chain(41))
    expect(links.text('l40')).toEqual(known('end\n'))
    expect(links.text('l41')).toEqual(IO)
    const below = machine({
      ...chain(39),
      l0: { kind: 'directory' },
      'l0/file': 'x\n',
      'l0/one': symlink('file'),
      'l0/two': symlink('one'),
    })
    expect(below.text('l39/file')).toEqual(known('x\n'))
    expect(below.text('l39/one')).toEqual(known('x\n'))
    expect(below.text('l39/two')).toEqual(IO)
  })
  test('paths and targets longer than Linux takes are errors', () => {
    expect(sysroot.text('sys/long')).toEqual(IO)
    expect(sysroot.text(`${'./'.repeat(2048)}etc/passwd`)).toEqual(IO)
    expect(sysroot.text(`${'./'.repeat(2000)}etc/passwd`)).toEqual(known('inside\n'))
  })
})
