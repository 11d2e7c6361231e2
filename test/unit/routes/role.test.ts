import { expect, it } from 'vitest'
import { roleOf } from '../../../src/routes/role.js'
import { pciFunction, type FunctionLiteral } from '../kernel/pci-functions.js'

const at = '00:05.0'
it.each([
  [{ at }, 'endpoint'],
  [{ at, secondaryBus: 6, type: 'root-port' }, 'bridge'],
  // Without a header the class tells: PCI-to-PCI and CardBus bridges.
  [{ at, type: 'none', classCode: 0x060400 }, 'bridge'],
  [{ at, type: 'none', classCode: 0x060700 }, 'bridge'],
  [{ at, type: 'none', classCode: 0x060000 }, 'endpoint'],
  [{ at, classCode: 0x080600 }, 'iommu'],
  [{ at, ids: [0x1af4, 0x1057], classCode: 0xff0000 }, 'iommu'],
  [{ at, ids: [0x1af4, 0x1041] }, 'endpoint'],
] satisfies [FunctionLiteral, string][])('%j is of the role %s', (literal, role) => {
  expect(roleOf(pciFunction(literal))).toBe(role)
})
