import { describe, expect, it } from 'vitest'
import { ioApicsInNoScope, scopeWithoutRoom } from '../../../../src/kernel/x86/dmar-io-apics.js'
import { parseDmar } from '../../../../src/probes/acpi/dmar.js'

const IO_APIC = 3
const HPET = 4

const unit = (length: number) => [0, 0, length, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0]

/** A DMAR of units with a scope for each pair of type and id. */
function dmar(...units: readonly (readonly (readonly [type: number, id: number])[])[]) {
  const body = units.flatMap((scopes) => [
    ...unit(16 + 8 * scopes.length),
    ...scopes.flatMap(([type, id]) => [type, 8, 0, 0, id, 0, 0x1f, 0]),
  ])
  const bytes = new Uint8Array(48 + body.length)
  bytes.set(new TextEncoder().encode('DMAR'))
  bytes[4] = bytes.length
  bytes.set(body, 48)
  return parseDmar(bytes, 'DMAR')
}

const hpets = (count: number) => Array.from({ length: count }, (_, id) => [HPET, id] as const)

describe('parse_ioapics_under_ir', () => {
  it('misses IO-APICs that no unit names', () => {
    const ioApic = (id: number) => ({ id, address: 0xfec00000, gsiBase: 0, offset: 0, length: 12 })
    const table = dmar([[IO_APIC, 1]], [[HPET, 2]])
    expect(ioApicsInNoScope(table, [ioApic(1), ioApic(2)])).toEqual([ioApic(2)])
  })
  it('has room for eight HPETs, of all units together, each counted once a unit', () => {
    expect(scopeWithoutRoom(dmar(hpets(8)))).toBeUndefined()
    expect(scopeWithoutRoom(dmar([...hpets(8), [HPET, 7]]))).toBeUndefined()
    expect(scopeWithoutRoom(dmar(hpets(9)))).toMatchObject({ type: 'hpet', enumerationId: 8 })
    expect(scopeWithoutRoom(dmar(hpets(8), [[HPET, 7]]))).toMatchObject({ type: 'hpet', enumerationId: 7 })
  })
})
