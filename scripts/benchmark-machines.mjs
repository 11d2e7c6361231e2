// Machines that the benchmark measures beside each other: one that is large, and what else it may be.

/** The machine with a device tree in place of its ACPI tables. */
export const devicetree = (machine) => ({ ...machine, firmware: 'devicetree' })

/** The same machine seen in other ways: what is linear for one need not be for the next. */
export const WAYS = {
  ACPI: (machine) => machine,
  'device tree': devicetree,
  'interrupt domains': (machine) => ({ ...machine, kernel: { ...machine.kernel, debugfs: true } }),
  'not root': (machine) => ({ ...machine, privilege: 'nobody' }),
  'no groups': (machine) => ({ ...machine, iommus: machine.iommus.map((iommu) => ({ ...iommu, driver: false })) }),
  // Something else grows with the functions: their product would show.
  'a group for each port': (machine) => ({ ...machine, rootComplexes: changedPorts(machine, { acs: false }) }),
  'a segment for each port': (machine) => ({ ...machine, rootComplexes: portsAlone(machine) }),
  'a host bridge for each port': (machine) => devicetree({ ...machine, rootComplexes: portsAlone(machine) }),
  'an entry for 4, device tree': (machine, functions) => devicetree(mappedBy(machine, functions / 4)),
  'a node for each, device tree': (machine, functions) =>
    devicetree({ ...machine, deviceTree: { nodes: nodes(functions) } }),
  'an IOMMU for 4': (machine, functions) => ({ ...machine, iommus: [...smmus(functions / 4), ...machine.iommus] }),
  'a range of a VIOT for 4': (machine, functions) => behindViot(machine, functions / 4),
}

const several = (count, make) => Array.from({ length: Math.ceil(count) }, (_, place) => make(place))
const wideHex = (base, place, step) => `0x${(BigInt(base) + BigInt(place) * BigInt(step)).toString(16)}`

const changedPorts = ({ rootComplexes }, change) =>
  rootComplexes.map((complex) => ({ ...complex, functions: complex.functions.map((port) => ({ ...port, ...change })) }))

const portsAlone = ({ rootComplexes }) =>
  rootComplexes
    .flatMap((complex) => complex.functions.map((port) => ({ ...complex, functions: [port] })))
    .map(({ iommu, msi, ...complex }, segment) => {
      const own = { from: 0, count: 0x10000, outputBase: segment * 0x10000 }
      const maps = { iommuMap: [{ ...own, to: iommu }], msiMap: [{ ...own, to: msi }] }
      return { ...complex, ...maps, segment, ecam: wideHex(0x40_0000_0000, segment, 0x1000_0000) }
    })

/** All RequesterIDs of each root complex, piece by piece. */
function mappedBy(machine, entries) {
  const count = Math.max(1, Math.floor(0x10000 / (entries / machine.rootComplexes.length)))
  const pieces = (to) =>
    several(0x10000 / count, (place) => ({ from: place * count, count, to, outputBase: place * count }))
  const rootComplexes = machine.rootComplexes.map(({ iommu, msi, ...complex }) => ({
    ...complex,
    iommuMap: pieces(iommu),
    msiMap: pieces(msi),
  }))
  return { ...machine, rootComplexes }
}

const nodes = (count) =>
  Object.fromEntries(
    several(count, (place) => [
      `device@${place.toString(16)}`,
      { properties: { compatible: 'some,device', reg: [0, place] } },
    ]),
  )

const smmus = (count) =>
  several(count, (place) => ({
    name: `other${place}`,
    type: 'smmuv3',
    address: wideHex(0x80_0000_0000, place, 0x10_0000),
  }))

function behindViot(machine, ranges) {
  const address = '0x9000000'
  const range = (segmentStart, segmentEnd) => ({
    type: 'pci-range',
    segmentStart,
    segmentEnd,
    bdfStart: 0,
    bdfEnd: 0xffff,
    output: 'all',
  })
  const table = [
    { type: 'virtio-iommu-mmio', name: 'all', base: address },
    ...several(ranges, () => range(99, 99)),
    range(0, 98),
  ]
  return {
    ...machine,
    iommus: [{ name: 'virtio', type: 'virtio-iommu', address }],
    rootComplexes: machine.rootComplexes.map((complex) => ({ ...complex, iommu: 'virtio' })),
    acpi: { viot: { nodes: table } },
  }
}
