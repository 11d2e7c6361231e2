import { describe, expect, it } from 'vitest'
import { ioApicsInNoScope, scopeWithoutRoom } from '../../../../src/kernel/x86/dmar-io-apics.js'
import { parseDmar } from '../../../../src/probes/acpi/dmar.js'

const IO_APIC = 3
const HPET = 4

/** VT-d specification, sections 8.3 and 8.4: units have the scopes that count; regions reserved for devices have some too. */
const DRHD = 0
const RMRR = 1
const head = (type: number, length: number) => [
  type,
  0,
  length & 0xff,
  length >> 8,
  0,
  0,
  0,
  0,
  0,
  0x10,
  0,
  0,
  0,
  0,
  0,
  0,
  ...(type === RMRR ? [0xff, 0x1f, 0, 0, 0, 0, 0, 0] : []),
]

type Scopes = readonly (readonly [type: number, id: number])[]

/** A DMAR of units with a scope for each pair of type and id. */
const dmar = (...units: readonly Scopes[]) => dmarOf(...units.map((scopes) => [DRHD, scopes] as const))

function dmarOf(...structures: readonly (readonly [type: number, scopes: Scopes])[]) {
  const body = structures.flatMap(([kind, scopes]) => [
    ...head(kind, head(kind, 0).length + 8 * scopes.length),
    ...scopes.flatMap(([type, id]) => [type, 8, 0, 0, id, 0, 0x1f, 0]),
  ])
  const bytes = new Uint8Array(48 + body.length)
  bytes.set(new TextEncoder().encode('DMAR'))
  new DataView(bytes.buffer).setUint32(4, bytes.length, true)
  bytes.set(body, 48)
  return parseDmar(bytes, 'DMAR')
}

const ioApics = (count: number) => Array.from({ length: count }, (_, id) => [IO_APIC, id] as const)
const hpets = (count: number) => Array.from({ length: count }, (_, id) => [HPET, id] as const)

describe('parse_ioapics_under_ir', () => {
  it('misses IO-APICs that no unit names', () => {
    const ioApic = (id: number) => ({ id, address: 0xfec00000, gsiBase: 0, offset: 0, length: 12 })
    const table = dmar([[IO_APIC, 1]], [[HPET, 2]])
    expect(ioApicsInNoScope(table, [ioApic(1), ioApic(2)])).toEqual([ioApic(2)])
  })
  it('asks units alone', () => {
    const ioApic = { id: 1, address: 0xfec00000, gsiBase: 0, offset: 0, length: 12 }
    expect(ioApicsInNoScope(dmarOf([RMRR, [[IO_APIC, 1]]]), [ioApic])).toEqual([ioApic])
    expect(scopeWithoutRoom(dmarOf([RMRR, hpets(9)]))).toBeUndefined()
  })
  it('has room for 128 IO-APICs, and for any number of others', () => {
    const ENDPOINT = 1
    expect(scopeWithoutRoom(dmar(ioApics(128)))).toBeUndefined()
    expect(scopeWithoutRoom(dmar(ioApics(128), [[IO_APIC, 3]]))).toMatchObject({ type: 'io-apic', enumerationId: 3 })
    expect(scopeWithoutRoom(dmar(ioApics(255).map(([, id]) => [ENDPOINT, id])))).toBeUndefined()
  })
  it('has room for eight HPETs, of all units together, each counted once a unit', () => {
    expect(scopeWithoutRoom(dmar(hpets(8)))).toBeUndefined()
    expect(scopeWithoutRoom(dmar([...hpets(8), [HPET, 7]]))).toBeUndefined()
    expect(scopeWithoutRoom(dmar(hpets(9)))).toMatchObject({ type: 'hpet', enumerationId: 8 })
    expect(scopeWithoutRoom(dmar(hpets(8), [[HPET, 7]]))).toMatchObject({ type: 'hpet', enumerationId: 7 })
  })
})
