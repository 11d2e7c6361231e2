import { expect, it } from 'vitest'
import { hasHisiIdCountBug, iortRulesOf, newestIortRulesOf } from '../../../../src/kernel/iort/iort-rules.js'
import { iortNodeAt, missesNodes, takesSingleMappings } from '../../../../src/kernel/iort/iort-walk.js'
import { parseRelease } from '../../../../src/kernel/release.js'
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

it('a table that claims a node and has none misses it', () => {
  expect(missesNodes({ ...tableOf(), nodeCount: 1 })).toBe(true)
  expect(missesNodes(tableOf())).toBe(false)
})

/** iort-walk.md sections 2 and 3; the wire bridge is 7.2's. Red Hat's 8 to 10 carry later code under their numbers. */
it.each([
  ['4.11.0', 'exclusive', 'exclusive gsivs'],
  ['5.4.286', 'exclusive', 'exclusive gsivs'],
  ['5.5.0', 'exclusive inclusive-hisi', 'inclusive-hisi gsivs'],
  ['5.6.0', 'inclusive-hisi', 'inclusive-hisi gsivs'],
  ['5.7.19', 'inclusive-hisi', 'inclusive-hisi gsivs'],
  ['5.8.0', 'inclusive-last', 'inclusive-last gsivs'],
  ['6.1.0', 'inclusive-last', 'inclusive-last gsivs'],
  ['6.2.0', 'inclusive-last', 'inclusive-last flag'],
  ['7.1.0', 'inclusive-last', 'inclusive-last flag'],
  ['7.2.0', 'inclusive-last', 'inclusive-last flag IWB'],
  ['4.18.0-553.el8.aarch64', 'exclusive inclusive-last', 'inclusive-last flag IWB'],
  ['custom', 'exclusive inclusive-hisi inclusive-last', 'inclusive-last flag IWB'],
])('%s ends ranges %s, and reads tables by %s', (release, bounds, newest) => {
  const of = parseRelease(release)
  expect([...new Set(iortRulesOf(of).map(({ upperBound }) => upperBound))].join(' ')).toBe(bounds)
  const { upperBound, mappingIndex, singleAtIwb } = newestIortRulesOf(of)
  expect([upperBound, mappingIndex, ...(singleAtIwb ? ['IWB'] : [])].join(' ')).toBe(newest)
})

// K: iort_id_map: ACPI_IORT_NODE_NAMED_COMPONENT, ACPI_IORT_NODE_PCI_ROOT_COMPLEX, and from 7.2 on ACPI_IORT_NODE_IWB.
it.each([
  ['named-component', true, true],
  ['root-complex', true, true],
  ['iwb', false, true],
  ['smmu', false, false],
  ['smmuv3', false, false],
  ['pmcg', false, false],
] as const)('a single mapping counts at a %s: %s before 7.2, %s from there on', (type, before, after) => {
  const [old, current] = ['7.1.0', '7.2.0'].map((release) => newestIortRulesOf(parseRelease(release)))
  expect([old, current].map((rules) => rules && takesSingleMappings(type, rules))).toEqual([before, after])
})

it('every node of a table is found at its offset, and nothing between and around them', () => {
  for (const count of [0, 1, 2, 3, 4, 7]) {
    const nodes = Array.from({ length: count }, (_, at) => group(100 * (at + 1), []))
    const table = tableOf(...nodes)
    expect(nodes.map(({ offset }) => iortNodeAt(table, offset))).toEqual(nodes)
    for (let at = 0; at <= count; at += 1) expect(iortNodeAt(table, 100 * at + 50)).toBeUndefined()
  }
})
