import type { FunctionDescription, MachineDescription, RootComplexDescription } from './machine-description.js'

/** Root ports of one segment: every device and function number of bus 0 but device 0. */
const PORTS_A_SEGMENT = 31 * 8
/** A port, the adapter behind it and the adapter's virtual functions. */
const FUNCTIONS_A_PORT = 16

const hex = (value: number): string => value.toString(16).padStart(2, '0')

/** One root port (`index` 0 to 247) with a network adapter and `virtualFunctions` of its VFs on the bus behind it. */
function portOf(index: number, virtualFunctions: number, driver: string): FunctionDescription {
  const bus = index + 1
  const adapter: FunctionDescription = {
    address: `${hex(bus)}:00.0`,
    id: '8086:1592',
    driver: 'ice',
    msix: 4,
    ...(virtualFunctions > 0
      ? { sriov: { total: 64, enabled: virtualFunctions, firstOffset: 8, stride: 1, device: '1889', driver, msix: 2 } }
      : {}),
  }
  return {
    address: `00:${hex(1 + (index % 31))}.${Math.floor(index / 31)}`,
    id: '1def:e110',
    driver: 'pcieport',
    msi: 1,
    functions: [adapter],
  }
}

/**
 * A server with exactly `functions` PCI functions, spread over segments of 3,968 with an SMMUv3 and an ITS each: what
 * benchmarks and tests of scale run on. At most 1,000,000.
 */
export function largeMachine(functions: number, release = '6.12.95'): MachineDescription {
  if (!Number.isSafeInteger(functions) || functions < 2 || functions > 1_000_000) {
    throw new RangeError(`a large machine has 2 to 1000000 functions, not ${functions}`)
  }
  const rootComplexes: RootComplexDescription[] = []
  for (let left = functions; left > 0;) {
    const segment = rootComplexes.length
    const ports: FunctionDescription[] = []
    while (left > 0 && ports.length < PORTS_A_SEGMENT) {
      // A port alone cannot be: what is left over after this one goes into it.
      const size = left - FUNCTIONS_A_PORT === 1 ? left : Math.min(left, FUNCTIONS_A_PORT)
      ports.push(portOf(ports.length, size - 2, 'iavf'))
      left -= size
    }
    const ecam = `0x${(0x40_0000_0000n + BigInt(segment) * 0x1000_0000n).toString(16)}`
    rootComplexes.push({ segment, ecam, iommu: `smmu${segment}`, msi: `its${segment}`, functions: ports })
  }
  const address = (segment: number, base: bigint): string => `0x${(base + BigInt(segment) * 0x100_0000n).toString(16)}`
  return {
    name: `large-${functions}`,
    architecture: 'arm64',
    firmware: 'acpi',
    dmi: { vendor: 'Emulated', product: 'Large machine' },
    kernel: { release, deviceNodes: ['dev/vfio/vfio', 'dev/iommu'] },
    iommus: rootComplexes.map((_, segment) => ({
      name: `smmu${segment}`,
      type: 'smmuv3',
      address: address(segment, 0x10_0000_0000n),
    })),
    msiControllers: rootComplexes.map((_, segment) => ({
      name: `its${segment}`,
      type: 'its',
      address: address(segment, 0x20_0000_0000n),
    })),
    rootComplexes,
  }
}
