import { expect, it } from 'vitest'
import { hasHisiIdCountBug } from '../../../../src/kernel/iort/iort-rules.js'
import { missesNodes } from '../../../../src/kernel/iort/iort-walk.js'
import { group, rc, tableOf } from './iort-nodes.js'

// K: 5.6 drivers/acpi/arm64/iort.c, wa_info: two tables of one maker, of revision 0.
it.each([
  ['HISI  ', 'HIP07   ', 0, true],
  ['HISI  ', 'HIP08   ', 0, true],
  ['HISI  ', 'HIP09   ', 0, false],
  ['HISI  ', 'HIP08   ', 1, false],
  ['ACME  ', 'HIP08   ', 0, false],
])('an IORT of "%s" "%s" revision %i counts ids one too high: %s', (oemId, oemTableId, oemRevision, expected) => {
  const table = tableOf()
  expect(hasHisiIdCountBug({ ...table, header: { ...table.header, oemId, oemTableId, oemRevision } })).toBe(expected)
})

// What stands behind the last node of a whole table is no node that was missed.
it.each([
  [2, 1000, false],
  [3, 1000, true],
  [3, 124, false],
])('a table of two nodes that claims %i in %i bytes misses some: %s', (nodeCount, length, expected) => {
  const table = tableOf(rc([]), group(100, [0]))
  expect(missesNodes({ ...table, nodeCount, header: { ...table.header, length } })).toBe(expected)
})
