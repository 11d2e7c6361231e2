import { describe, expect, it } from 'vitest'
import { writeIvrs, type IvrsBlockDescription } from '../../../../src/emulator/firmware/ivrs-writer.js'
import { parseRelease } from '../../../../src/kernel/release.js'
import type { IoApic } from '../../../../src/kernel/x86/io-apics.js'
import {
  checkIoApics,
  deviceIdsFor,
  ioApicsOfIvrs,
  ivhdTypeInUse,
  refusedSpecialDevice,
  type IvrsNaming,
} from '../../../../src/kernel/x86/ivrs-io-apics.js'
import { ivrsQuirkOf } from '../../../../src/kernel/x86/ivrs-quirks.js'
import { ivrsWords } from '../../../../src/kernel/x86/ivrs-words.js'
import { known, unreadable } from '../../../../src/machine/fact.js'
import { parseIvrs } from '../../../../src/probes/acpi/ivrs.js'

const ioApic = (id: number, gsiBase: number): IoApic => ({
  id,
  gsiBase,
  address: 0xfec00000 + gsiBase,
  offset: 0,
  length: 12,
})
const special = (handle: number, usedDeviceId: number) =>
  ({ type: 'special', handle, usedDeviceId, variety: 'io-apic' }) as const
const ivhd = (code: 16 | 17 | 64, deviceId: number, ...entries: readonly ReturnType<typeof special>[]) =>
  ({ type: 'ivhd', code, deviceId, base: 0xfeb80000, entries }) as const satisfies IvrsBlockDescription
const table = (...blocks: readonly IvrsBlockDescription[]) => parseIvrs(writeIvrs({ blocks }), 'IVRS')

const naming = (more: Partial<IvrsNaming>, ...blocks: readonly IvrsBlockDescription[]): IvrsNaming => ({
  ivrs: table(...blocks),
  release: parseRelease('6.12.0'),
  words: [],
  quirk: undefined,
  ...more,
})

describe('the IVHD blocks that Linux uses', () => {
  const raw = (typeCode: number, deviceId: number) =>
    ({ type: 'raw', typeCode, data: `${deviceId.toString(16).padStart(2, '0')}00` + '00'.repeat(34) }) as const
  // K: get_highest_supported_ivhd_type: blocks up to one of a type above 0x40, those of the first one's device.
  it.each<[string, readonly IvrsBlockDescription[], number]>([
    ['6.12.0', [ivhd(16, 2), ivhd(17, 2), ivhd(64, 2)], 0x40],
    ['6.12.0', [ivhd(16, 2), ivhd(17, 4)], 0x10],
    ['6.12.0', [ivhd(16, 2), raw(0x41, 2), ivhd(17, 2)], 0x10],
    ['6.12.0', [raw(0x30, 2), raw(0x31, 4)], 0x30],
    ['6.12.0', [], 0x10],
    ['4.7.0', [ivhd(16, 2), ivhd(17, 2)], 0x11],
    ['4.6.0', [ivhd(16, 2), ivhd(17, 2)], 0x10],
    ['5.0.0', [ivhd(16, 2), ivhd(17, 2)], 0x11],
    ['3.19.0', [ivhd(16, 2), ivhd(17, 2)], 0x10],
  ])('by %s are those of type (row %#)', (release, blocks, expected) => {
    expect(ivhdTypeInUse(table(...blocks), parseRelease(release))).toBe(expected)
  })
  it('name IO-APICs with the segment, and HPETs are none', () => {
    const hpet = { type: 'special', handle: 0, usedDeviceId: 0xa0, variety: 'hpet' } as const
    const block = { ...ivhd(17, 2), segment: 3, entries: [hpet, special(4, 0xa0)] }
    expect(ioApicsOfIvrs(table(block), undefined).map(({ id, deviceId }) => [id, deviceId])).toEqual([[4, 0x300a0]])
    expect(ioApicsOfIvrs(table(raw(0x30, 2)), undefined)).toEqual([])
  })
  it('are those of the highest type that the first unit has', () => {
    const ivrs = table(ivhd(16, 2, special(4, 0xa0)), ivhd(17, 2), ivhd(16, 0x4002, special(5, 1)))
    expect(ivhdTypeInUse(ivrs, parseRelease('6.12.0'))).toBe(0x11)
    expect(ioApicsOfIvrs(ivrs, parseRelease('6.12.0'))).toEqual([])
    // Before 4.7 only the oldest form was known.
    expect(ivhdTypeInUse(ivrs, parseRelease('4.4.0'))).toBe(0x10)
    expect(ioApicsOfIvrs(ivrs, parseRelease('4.4.0')).map(({ id }) => id)).toEqual([4, 5])
  })

  it('of several units are all of that type', () => {
    const ivrs = table(ivhd(17, 2, special(128, 0xa0)), ivhd(17, 0x4002, special(129, 0x4001)))
    expect(ioApicsOfIvrs(ivrs, undefined).map(({ id }) => id)).toEqual([128, 129])
  })
})

/** K: check_ioapic_information. */
describe('IO-APICs of the MADT against the IVRS', () => {
  const two = [ioApic(4, 0), ioApic(5, 24)]
  it.each<readonly [string, IvrsNaming, readonly number[], 'yes' | 'no' | 'unknown']>([
    ['all named', naming({}, ivhd(16, 2, special(4, 0xa0), special(5, 1))), [], 'yes'],
    ['one is not', naming({}, ivhd(16, 2, special(4, 0xa0))), [5], 'yes'],
    ['the southbridge at another place', naming({}, ivhd(16, 2, special(4, 0xa2), special(5, 1))), [], 'no'],
    [
      'the southbridge not at GSI 0: newer kernels differ',
      naming({}, ivhd(16, 2, special(4, 1), special(5, 0xa0))),
      [],
      'unknown',
    ],
    ['entries for others', naming({}, ivhd(16, 2, special(0, 0xa0), special(255, 1))), [4, 5], 'no'],
    [
      'words of the command line before the table',
      naming(
        { words: ivrsWords(['ivrs_ioapic=4@0000:00:14.0', 'ivrs_ioapic[5]=00:00.1'], 'ivrs_ioapic') },
        ivhd(16, 2, special(4, 2)),
      ),
      [],
      'yes',
    ],
    [
      'words in a form that the kernel does not take',
      naming(
        { release: parseRelease('3.16.0'), words: ivrsWords(['ivrs_ioapic=4@0000:00:14.0'], 'ivrs_ioapic') },
        ivhd(16, 2),
      ),
      [4, 5],
      'no',
    ],
    [
      'a notebook that Linux knows',
      naming(
        { quirk: ivrsQuirkOf({ vendor: known('Dell Inc.'), product: known('Inspiron 7375') }) },
        ivhd(16, 2, special(0, 0xa0)),
      ),
      [],
      'yes',
    ],
    [
      'the same before Linux knew it',
      naming(
        {
          release: parseRelease('5.0.0'),
          quirk: ivrsQuirkOf({ vendor: known('Dell Inc.'), product: known('Inspiron 7375') }),
        },
        ivhd(16, 2, special(0, 0xa0)),
      ),
      [4, 5],
      'no',
    ],
  ])('%s', (_, of, unnamed, southbridge) => {
    const check = checkIoApics(of, two)
    expect(check.unnamed.map(({ id }) => id)).toEqual(unnamed)
    expect(check.southbridge).toBe(southbridge)
  })

  it.each([
    // Up to 6.1 the southbridge's makes up for those that stand before it in the MADT.
    ['6.1.176', [ioApic(5, 24), ioApic(4, 0)], 'on'],
    ['6.1.176', [ioApic(4, 0), ioApic(5, 24)], 'off'],
    ['6.12.117', [ioApic(5, 24), ioApic(4, 0)], 'off'],
    ['7.2.13', [ioApic(4, 0), ioApic(5, 24)], 'off'],
    ['6.6.55', [ioApic(5, 24), ioApic(4, 0)], 'unknown'],
    ['6.6.55', [ioApic(4, 0), ioApic(5, 24)], 'off'],
    // Newer releases want the southbridge's at GSI 0.
    ['6.1.176', [ioApic(4, 24)], 'on'],
    ['7.2.13', [ioApic(4, 24)], 'off'],
    ['6.6.55', [ioApic(4, 24)], 'unknown'],
    ['7.2.13', [ioApic(4, 0)], 'on'],
    ['7.2.13', [], 'off'],
    ['6.2.0', [ioApic(4, 24)], 'unknown'],
    ['6.1.0', [ioApic(4, 24)], 'on'],
    ['6.12.116', [ioApic(4, 24)], 'unknown'],
    ['6.12.117', [ioApic(4, 24)], 'off'],
    // Between the two series that were looked at it may be either.
    ['6.11.117', [ioApic(4, 24)], 'unknown'],
    ['6.13.117', [ioApic(4, 24)], 'unknown'],
    ['7.12.117', [ioApic(4, 24)], 'off'],
    ['7.1.9', [ioApic(5, 24), ioApic(4, 0)], 'unknown'],
    ['7.2.0', [ioApic(4, 24)], 'off'],
    ['6.12.0-124.el10.x86_64', [ioApic(4, 24)], 'unknown'],
    ['5.14.0-570.el9.x86_64', [ioApic(4, 24)], 'unknown'],
    ['5.12.117', [ioApic(4, 24)], 'on'],
    ['custom', [ioApic(4, 24)], 'unknown'],
  ] as const)('on %s %j leave remapping %s where the table has 4 at 00:14.0', (release, ioApics, remapping) => {
    const check = naming({ release: parseRelease(release) }, ivhd(16, 2, special(4, 0xa0)))
    expect(checkIoApics(check, ioApics).remapping).toBe(remapping)
  })
  it('are not looked at where a special device is neither IO-APIC nor HPET: Linux gives the table up', () => {
    const bytes = writeIvrs({ blocks: [ivhd(16, 2, special(4, 0xa0))] })
    const at = refusedSpecialDevice(parseIvrs(bytes, 'IVRS'), undefined)
    expect(at).toBeUndefined()
    const entry = bytes.length - 8
    const foreign = bytes.with(entry + 7, 3)
    expect(refusedSpecialDevice(parseIvrs(foreign, 'IVRS'), undefined)).toMatchObject({ offset: entry })
  })
  // Some Hygon processors have it at 00:0b.0; which processor it is nobody knows here.
  it.each([
    ['7.2.13', 0x58, 0, 'unknown', 'unknown'],
    ['7.2.13', 0x59, 0, 'no', 'off'],
    ['7.2.13', 0x58, 24, 'no', 'off'],
    ['6.1.176', 0x58, 0, 'no', 'off'],
  ])('on %s at %i with GSI base %i are the southbridge: %s', (release, deviceId, gsiBase, southbridge, remapping) => {
    const check = naming({ release: parseRelease(release) }, ivhd(16, 2, special(4, deviceId)))
    expect(checkIoApics(check, [ioApic(4, gsiBase)])).toMatchObject({ southbridge, remapping })
  })
  // K: drivers/iommu/amd/quirks.c, since 5.4.
  it.each([
    ['5.3.0', 2],
    ['5.4.0', 0],
    ['6.0.0', 0],
    ['custom', 0],
  ])('of a notebook that Linux knows from 5.4 on: by %s %i are not named', (release, count) => {
    const quirk = ivrsQuirkOf({ vendor: known('Dell Inc.'), product: known('Inspiron 7375') })
    expect(checkIoApics(naming({ release: parseRelease(release), quirk }, ivhd(16, 2)), two).unnamed).toHaveLength(
      count,
    )
  })
  it.each<[string, string, readonly (readonly [number, number])[]]>([
    [
      'Dell Inc.',
      'Inspiron 7375',
      [
        [4, 0xa0],
        [5, 2],
      ],
    ],
    ['Dell Inc.', 'Latitude 5495', [[4, 0xa0]]],
    ['Acer', 'Aspire A315-41', [[4, 0xa0]]],
    ['LENOVO', '81FB', [[32, 0xa0]]],
    ['LENOVO', 'Latitude 5495', []],
    ['Dell Inc.', 'Latitude 5496', []],
  ])('of %s %s by a quirk', (vendor, product, expected) => {
    const quirk = ivrsQuirkOf({ vendor: known(vendor), product: known(product) })
    expect((quirk?.ioApics ?? []).map(({ id, deviceId }) => [id, deviceId])).toEqual(expected)
    expect(ivrsQuirkOf({ vendor: unreadable('permission'), product: known(product) })).toBeUndefined()
  })
  it('knows no notebook whose name cannot be read', () => {
    expect(ivrsQuirkOf({ vendor: known('Acer'), product: unreadable('permission') })).toBeUndefined()
    expect(ivrsQuirkOf({ vendor: known('Acer'), product: known('Aspire A315-41G') })?.ioApics).toEqual([
      { id: 4, deviceId: 0xa0 },
    ])
  })

  // What worked on a 990FX board: ivrs_ioapic[7]=00:14.0 ivrs_ioapic[8]=00:00.1.
  it.each<readonly [string, IvrsNaming, readonly IoApic[], readonly (readonly [number, number])[]]>([
    [
      'what the table gives others',
      naming({}, ivhd(16, 2, special(0, 0xa0), special(255, 1))),
      [ioApic(7, 0), ioApic(8, 24)],
      [
        [7, 0xa0],
        [8, 1],
      ],
    ],
    [
      'what the table gives others, in order, wherever that is',
      naming({}, ivhd(16, 2, special(0, 0xa0), special(255, 2), special(254, 0x4001))),
      [ioApic(7, 0), ioApic(8, 24), ioApic(9, 56)],
      [
        [7, 0xa0],
        [8, 2],
        [9, 0x4001],
      ],
    ],
    [
      'what the table gives another, before the northbridge',
      naming({}, ivhd(16, 2, special(4, 0xa0), special(255, 2))),
      two,
      [[5, 2]],
    ],
    [
      'the northbridge for the only one, where the table names the others',
      naming({}, ivhd(16, 2, special(4, 0xa0), special(5, 2))),
      [...two, ioApic(6, 56)],
      [[6, 1]],
    ],
    ['the northbridge', naming({}, ivhd(16, 2, special(4, 0xa0))), two, [[5, 1]]],
    ['nothing where nothing tells', naming({}, ivhd(16, 2, special(4, 0xa0))), [...two, ioApic(6, 56)], []],
    ['the right place of the southbridge', naming({}, ivhd(16, 2, special(4, 0xa2), special(5, 1))), two, [[4, 0xa0]]],
  ])('device ids that are left: %s', (_, of, ioApics, expected) => {
    expect(deviceIdsFor(of, ioApics).map(({ id, deviceId }) => [id, deviceId])).toEqual(expected)
  })
})
