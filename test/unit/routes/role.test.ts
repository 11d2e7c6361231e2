import { expect, it } from 'vitest'
import { known, unreadable } from '../../../src/machine/fact.js'
import { roleOf } from '../../../src/routes/role.js'
import { pciFunction, type FunctionLiteral } from '../kernel/pci/pci-functions.js'

const at = '00:05.0'
it.each([
  [{ at }, 'endpoint'],
  [{ at, secondaryBus: 6, type: 'root-port' }, 'bridge'],
  // Without a header the class tells: PCI-to-PCI and CardBus bridges.
  [{ at, type: 'none', classCode: 0x060400 }, 'bridge'],
  [{ at, type: 'none', classCode: 0x060700 }, 'bridge'],
  [{ at, type: 'none', classCode: 0x060000 }, 'endpoint'],
  // A host bridge counts where it has a header that nobody can read past, or anything that an endpoint has.
  [{ at, classCode: 0x060000 }, 'chipset'],
  [{ at, classCode: 0x060100 }, 'chipset'],
  [{ at, type: 'header', classCode: 0x060000 }, 'endpoint'],
  [{ at, classCode: 0x0c0500 }, 'endpoint'],
  // No header of a bridge, and a class of one: no part of the chipset.
  [{ at, classCode: 0x060400 }, 'endpoint'],
  [{ at, classCode: 0x060700 }, 'endpoint'],
  [{ at, classCode: 0x060900 }, 'endpoint'],
  [{ at, classCode: 0x080600 }, 'iommu'],
  [{ at, ids: [0x1af4, 0x1057], classCode: 0xff0000 }, 'iommu'],
  [{ at, ids: [0x1af4, 0x1041] }, 'endpoint'],
  [{ at, ids: [0x8086, 0x1057] }, 'endpoint'],
] satisfies [FunctionLiteral, string][])('%j is of the role %s', (literal, role) => {
  expect(roleOf(pciFunction(literal))).toBe(role)
})

it('a function of which neither header nor class can be read counts', () => {
  expect(roleOf({ ...pciFunction({ at, type: 'none' }), classCode: unreadable('io') })).toBe('endpoint')
})

it('what a host bridge has, or may have, makes it an endpoint', () => {
  const bridge = pciFunction({ at, classCode: 0x060000 })
  expect(roleOf({ ...bridge, iommuGroup: known('0') })).toBe('endpoint')
  expect(roleOf({ ...bridge, driver: known('skx_uncore') })).toBe('endpoint')
  for (const fact of ['iommuGroup', 'driver', 'msiVectors', 'configuration', 'classCode'] as const)
    expect(roleOf({ ...bridge, [fact]: unreadable('io') }), fact).toBe('endpoint')
})
