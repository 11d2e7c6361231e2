import { describe, expect, it } from 'vitest'
import type { Fact } from '../../../../src/machine/fact.js'
import { probeAcpi } from '../../../../src/probes/acpi/tables.js'
import { memorySysroot } from '../../../../src/sysroot/memory-sysroot.js'
import type { TreeDescription } from '../../../../src/sysroot/memory-entry.js'
import { specifiedTable, table } from './specified-tables.js'

const DIRECTORY = 'sys/firmware/acpi/tables'
const ORIGIN = { kind: 'emulated', name: 'test' } as const
const probe = (tree: TreeDescription) => probeAcpi(memorySysroot(ORIGIN, tree))
const stateOf = (fact: Fact<unknown>) => (fact.state === 'unreadable' ? fact.reason : fact.state)
const states = (tree: TreeDescription) =>
  Object.fromEntries(Object.entries(probe(tree)).map(([name, fact]: [string, Fact<unknown>]) => [name, stateOf(fact)]))

const SOUND = {
  [`${DIRECTORY}/APIC`]: specifiedTable('MADT'),
  [`${DIRECTORY}/FACP`]: table('FACP', '00000000'),
  [`${DIRECTORY}/IORT`]: specifiedTable('A'),
}
const EVERY = ['names', 'iort', 'madt', 'dmar', 'ivrs', 'viot', 'mcfg', 'rimt']
const all = (state: string) => Object.fromEntries(EVERY.map((name) => [name, state]))

describe('probeAcpi', () => {
  it('reads what the listing names; the rest is absent', () => {
    const acpi = probe(SOUND)
    expect(acpi.names).toEqual({ state: 'known', value: ['APIC', 'FACP', 'IORT'], from: [{ path: DIRECTORY }] })
    expect(acpi.iort).toMatchObject({ state: 'known', from: [{ path: `${DIRECTORY}/IORT` }] })
    expect(acpi.iort).toMatchObject({ value: { nodeCount: 3, damaged: false } })
    expect(acpi.madt).toMatchObject({ state: 'known', from: [{ path: `${DIRECTORY}/APIC` }] })
    expect(acpi.dmar).toEqual({ state: 'absent', from: [{ path: `${DIRECTORY}/DMAR` }] })
    expect(states(SOUND)).toEqual({ ...all('absent'), names: 'known', iort: 'known', madt: 'known' })
  })

  it('reads each of the seven tables', () => {
    const tree = {
      ...SOUND,
      [`${DIRECTORY}/DMAR`]: specifiedTable('DMAR_IR'),
      [`${DIRECTORY}/IVRS`]: table('IVRS', '01280000 0000000000000000'),
      [`${DIRECTORY}/VIOT`]: table('VIOT', '0000 3000 0000000000000000'),
      [`${DIRECTORY}/MCFG`]: table('MCFG', '0000000000000000'),
      [`${DIRECTORY}/RIMT`]: table('RIMT', '00000000 30000000 00000000'),
    }
    expect(states(tree)).toEqual(all('known'))
    expect(probe(tree).dmar).toMatchObject({ value: { flags: 1, hostAddressWidth: 0x26 } })
  })

  it('without the directory everything is absent, unless the directory above it is there', () => {
    expect(states({ 'proc/cmdline': 'quiet\n' })).toEqual(all('absent'))
    expect(states({ 'sys/firmware/acpi/pm_profile': '4\n' })).toEqual(all('not-collected'))
  })

  it('a directory without a single table is no listing', () => {
    expect(states({ [`${DIRECTORY}/data`]: { kind: 'directory' } })).toEqual(all('malformed'))
  })

  it('a listing that cannot be read makes every table unreadable', () => {
    const tree = { ...SOUND, [DIRECTORY]: { kind: 'directory', listing: 'permission' } } as const
    expect(states(tree)).toEqual(all('permission'))
    expect(probe(tree).rimt.from).toEqual([{ path: DIRECTORY }])
  })

  it('a table that may not be read, and one that is listed and gone', () => {
    const permission = { kind: 'file', content: 'permission' } as const
    expect(stateOf(probe({ ...SOUND, [`${DIRECTORY}/IORT`]: permission }).iort)).toBe('permission')
    const listing = ['APIC', 'FACP', 'IORT', 'MCFG']
    expect(stateOf(probe({ ...SOUND, [DIRECTORY]: { kind: 'directory', listing } }).mcfg)).toBe('io')
  })

  it('damage makes a table unreadable and points at the place', () => {
    const flipped = Uint8Array.from(specifiedTable('A'))
    flipped[0xd4] = 0xfe
    for (const bytes of [new Uint8Array(), flipped, specifiedTable('MADT'), specifiedTable('A').subarray(0, 219)]) {
      expect(stateOf(probe({ ...SOUND, [`${DIRECTORY}/IORT`]: bytes }).iort)).toBe('malformed')
    }
    expect(probe({ ...SOUND, [`${DIRECTORY}/IORT`]: flipped }).iort).toEqual({
      state: 'unreadable',
      reason: 'malformed',
      from: [{ path: `${DIRECTORY}/IORT`, at: { offset: 9, length: 1 } }],
    })
  })

  it('any one byte changed in any table makes it unreadable', () => {
    for (const name of ['IORT', 'APIC'] as const) {
      const bytes = name === 'IORT' ? specifiedTable('A') : specifiedTable('MADT')
      for (let at = 0; at < bytes.length; at++) {
        const changed = Uint8Array.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ 0x01
        const { iort, madt } = probe({ ...SOUND, [`${DIRECTORY}/${name}`]: changed })
        expect(stateOf(name === 'IORT' ? iort : madt), `${name} byte ${at}`).toBe('malformed')
      }
    }
  })

  it('a wrong checksum alone counts of this host and of a capture, and elsewhere with the warning of the log', () => {
    const wrong = Uint8Array.from(specifiedTable('A'))
    wrong[9] = ((wrong[9] ?? 0) + 1) & 0xff
    const tree = { ...SOUND, [`${DIRECTORY}/IORT`]: wrong }
    const of = (kind: 'live' | 'bundle' | 'sysroot', log: readonly string[] = []) =>
      probeAcpi(memorySysroot({ kind, name: 'x' }, tree), log).iort
    expect(of('live')).toMatchObject({ state: 'known', value: { nodeCount: 3, damaged: true, onlyChecksum: true } })
    expect(stateOf(of('bundle'))).toBe('known')
    expect(stateOf(of('sysroot'))).toBe('malformed')
    const warning = (table: string) =>
      `ACPI BIOS Warning (bug): Incorrect checksum in table [${table}] - 0x37, should be 0x36 (20240827/tbprint-174)`
    expect(stateOf(of('sysroot', [warning('IORT')]))).toBe('known')
    expect(stateOf(of('sysroot', [warning('DSDT')]))).toBe('malformed')
  })

  it('an IVRS with a wrong checksum counts nowhere, for its driver refuses it', () => {
    const wrong = Uint8Array.from(table('IVRS', '01280000 0000000000000000'))
    wrong[9] = ((wrong[9] ?? 0) + 1) & 0xff
    const root = memorySysroot({ kind: 'live', name: 'x' }, { ...SOUND, [`${DIRECTORY}/IVRS`]: wrong })
    expect(stateOf(probeAcpi(root).ivrs)).toBe('malformed')
  })

  it('of two tables of one signature Linux takes the first; a number that is missing is a missing table', () => {
    const tree = {
      [`${DIRECTORY}/FACP`]: table('FACP', '00000000'),
      [`${DIRECTORY}/IORT1`]: specifiedTable('A'),
      [`${DIRECTORY}/IORT2`]: specifiedTable('B'),
      [`${DIRECTORY}/IORTX`]: specifiedTable('B'),
    }
    expect(probe(tree).iort).toMatchObject({ state: 'known', from: [{ path: `${DIRECTORY}/IORT1` }] })
    const { [`${DIRECTORY}/IORT1`]: first, ...second } = tree
    expect(stateOf(probe(second).iort)).toBe('malformed')
    const { [`${DIRECTORY}/IORT2`]: last, ...alone } = tree
    expect(stateOf(probe(alone).iort)).toBe('malformed')
    expect(first).not.toEqual(last)
  })
})
