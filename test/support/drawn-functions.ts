import type { FunctionDescription } from '../../src/emulator/machine-description.js'

const hex2 = (value: number) => value.toString(16).padStart(2, '0')
/** What hangs below one root port. */
export type Slot = 'nic' | 'driverless' | 'two-functions' | 'ats' | 'sriov' | 'conventional' | 'two-conventional'
export const SLOTS: readonly Slot[] = [
  'nic',
  'nic',
  'driverless',
  'two-functions',
  'ats',
  'sriov',
  'conventional',
  'two-conventional',
]

const nic = (address: string, more: Partial<FunctionDescription> = {}): FunctionDescription => ({
  address,
  id: '1def:e100',
  driver: 'i40e',
  msix: 2,
  ...more,
})

/** Functions below a port; `bus` is the port's secondary bus, a conventional bus takes the next number. */
function slotFunctions(slot: Slot, bus: number): readonly FunctionDescription[] {
  const at = (devfn: string, on = bus) => `${hex2(on)}:${devfn}`
  switch (slot) {
    case 'nic':
      return [nic(at('00.0'))]
    case 'driverless':
      return [{ address: at('00.0'), id: '1def:e100', msixCapable: 2 }]
    case 'two-functions':
      return [nic(at('00.0')), { address: at('00.1'), id: '1def:e100', msixCapable: 2 }]
    case 'ats':
      return [nic(at('00.0'), { ats: 'enabled' })]
    case 'sriov':
      return [
        nic(at('00.0'), {
          sriov: { total: 4, enabled: 2, firstOffset: 8, stride: 1, device: 'e101', driver: 'iavf', msix: 1 },
        }),
      ]
    case 'conventional':
    case 'two-conventional': {
      const below: FunctionDescription[] = [
        { address: at('01.0', bus + 1), id: '1def:e102', type: 'conventional', driver: 'e1000', msi: 1 },
      ]
      if (slot === 'two-conventional')
        below.push({ address: at('02.0', bus + 1), id: '1def:e102', type: 'conventional', driver: 'e1000', msi: 1 })
      return [
        { address: at('00.0'), id: '1def:e103', type: 'pcie-to-pci-bridge', secondaryBus: bus + 1, functions: below },
      ]
    }
  }
}

/** Root ports with what hangs below them; buses are numbered in order. */
export function functionsOf(slots: readonly Slot[], ports: boolean): readonly FunctionDescription[] {
  let bus = 1
  return slots.map((slot, index): FunctionDescription => {
    const functions = slotFunctions(slot, bus)
    const port: FunctionDescription = {
      address: `00:${hex2(index + 1)}.0`,
      id: '1def:0001',
      type: 'root-port',
      secondaryBus: bus,
      ...(ports ? { driver: 'pcieport' } : {}),
      functions,
    }
    bus += slot.includes('conventional') ? 2 : 1
    return port
  })
}
