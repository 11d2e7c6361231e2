import { expect, it } from 'vitest'
import { array, assert, integer, property, tuple } from 'fast-check'
import { ViotIommus } from '../../../../src/kernel/iommu/viot-iommus.js'
import { writeViot } from '../../../../src/emulator/firmware/viot-writer.js'
import { parseViot } from '../../../../src/probes/acpi/viot.js'
import { processorMilliseconds } from '../../../support/processor-time.js'

const SEGMENTS = 7
const few = integer({ min: 0, max: SEGMENTS })

function tableOf(ranges: readonly (readonly [number, number, number, number])[]) {
  const nodes = ranges.map(([segmentStart, segmentEnd, bdfStart, bdfEnd]) => {
    return { type: 'pci-range' as const, segmentStart, segmentEnd, bdfStart, bdfEnd, output: 'iommu' }
  })
  return parseViot(writeViot({ nodes: [...nodes, { type: 'virtio-iommu-mmio', name: 'iommu', base: 0 }] }), 'VIOT')
}

// K: drivers/acpi/viot.c, viot_pci_dev_iommu_init: the list in the order of the table, and the first that holds both.
it('a function is in the first range that holds its segment and its RequesterID', () => {
  assert(
    property(array(tuple(few, few, few, few), { maxLength: 12 }), array(few), (ranges, segments) => {
      const table = tableOf(ranges)
      const iommus = new ViotIommus(table, segments)
      expect(iommus.rangeOf(SEGMENTS + 1, 0)).toBeUndefined()
      for (const segment of segments)
        for (let id = 0; id <= SEGMENTS; id++) {
          const range = table.nodes.find(
            (node) =>
              node.type === 'pci-range' &&
              node.segmentStart <= segment &&
              segment <= node.segmentEnd &&
              node.bdfStart <= id &&
              id <= node.bdfEnd,
          )
          const found = iommus.rangeOf(segment, id)
          expect(found).toBe(range)
          if (found) expect(iommus.targetOf(found)?.type).toBe('virtio-iommu-mmio')
        }
    }),
    { numRuns: 200 },
  )
})

it('2,000 ranges for each of 2,000 segments are looked through in no time', { timeout: 60_000 }, () => {
  const table = tableOf(Array.from({ length: 2000 }, (_, place) => [0, 1999, 2000 - place, 4000 - place]))
  const segments = Array.from({ length: 2000 }, (_, segment) => segment)
  const taken = processorMilliseconds(() => {
    const iommus = new ViotIommus(table, segments)
    for (const segment of segments)
      for (let id = 0; id < 16_000; id += 1000)
        expect(iommus.rangeOf(segment, id) === undefined).toBe(id === 0 || id > 4000)
  })
  expect(taken).toBeLessThan(3000)
})
