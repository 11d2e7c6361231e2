import { describe, expect, it, test } from 'vitest'
import { assert, integer, property } from 'fast-check'
import { iortIds, type IdsTo, type RootComplexIds } from '../../../../src/kernel/ids/iort-ids.js'
import { outputOf, wayOf } from '../../../../src/kernel/ids/id-way.js'
import { iortRulesOf, newestIortRulesOf } from '../../../../src/kernel/iort/iort-rules.js'
import { walkIortAs, type IortWalk } from '../../../../src/kernel/iort/iort-walk.js'
import { parseRelease } from '../../../../src/kernel/release.js'
import type { IortNode, IortTable } from '../../../../src/machine/iort.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { parseIort } from '../../../../src/probes/acpi/iort.js'
import { drawIort } from '../../../kernel-code/iort/draw-iort.js'
import { Draw } from '../../../kernel-code/draw.js'
import { captureNames, openCapture } from '../../../support/captures.js'
import { hasCaptures } from '../../../support/outside.js'

const ALONE = { busesOf: () => [{ first: 0, last: 0xffff }], deviceTableOf: (itsId: number) => `ITS ${itsId}` }
/** One for each set of rules. */
const RELEASES = ['5.4.0', '5.7.0', '5.15.0', '6.12.0', '7.2.0']
const SMMUS: readonly IortNode['type'][] = ['smmu', 'smmuv3']
const ITS_GROUPS: readonly IortNode['type'][] = ['its-group']

function byMap({ reached, stuck }: IdsTo, id: number): string {
  const way = wayOf(reached, id)
  if (way) return `${way.space.target.offset} ${outputOf(way, id)}`
  const why = stuck.find(({ first, last }) => id >= first && id <= last)?.why
  return why === 'range-end' ? 'no-match' : (why ?? 'nobody')
}

function byWalk(walk: IortWalk): string {
  return walk.outcome === 'reached' ? `${walk.node.offset} ${walk.id}` : walk.reason
}

/** Ids at which the map says otherwise than the walk. */
function differences(iort: IortTable, text: string, ids: Iterable<number>, ofNode: RootComplexIds): readonly string[] {
  const release = parseRelease(text)
  const found: string[] = []
  for (const id of ids) {
    for (const [to, types] of [
      [ofNode.toSmmu, SMMUS],
      [ofNode.toIts, ITS_GROUPS],
    ] as const) {
      const walk = byWalk(walkIortAs(release, iort, ofNode.rootComplex, id, types))
      const map = byMap(to, id)
      if (walk !== map) found.push(`${text}, ${types.join(' ')}, id ${id}: ${map} where the walk says ${walk}`)
    }
  }
  return found
}

const mapOf = (iort: IortTable, text: string) => iortIds(iort, newestIortRulesOf(parseRelease(text)), ALONE)

/** The ids at which anything can change, and their neighbours. */
function* edgesOf(iort: IortTable): Generator<number> {
  const edges = new Set([0, 0xffff])
  for (const { mappings } of iort.nodes)
    for (const { inputBase, idCount } of mappings)
      for (const id of [inputBase, inputBase + idCount]) for (const near of [id - 1, id, id + 1]) edges.add(near)
  for (const id of edges) if (id >= 0 && id <= 0xffff) yield id
}

function* every(): Generator<number> {
  for (let id = 0; id <= 0xffff; id++) yield id
}

describe('the ids of an IORT go where the walk of each of them goes', () => {
  it.each(RELEASES)('of one set of rules: %s', (text) => {
    expect(iortRulesOf(parseRelease(text))).toHaveLength(1)
  })

  test.each(RELEASES)('in drawn tables, by %s, at every edge', (text) => {
    assert(
      property(integer(), (seed) => {
        const iort = parseIort(drawIort(new Draw(seed)).bytes, 'IORT')
        const { bySegment, complete } = mapOf(iort, text)
        expect(complete).toBe(true)
        for (const ids of bySegment.values()) expect(differences(iort, text, edgesOf(iort), ids)).toEqual([])
      }),
      { numRuns: 400 },
    )
  })

  test.each(RELEASES)('in drawn tables, by %s, at every 16-bit id', (text) => {
    assert(
      property(integer(), (seed) => {
        const iort = parseIort(drawIort(new Draw(seed)).bytes, 'IORT')
        for (const ids of mapOf(iort, text).bySegment.values())
          expect(differences(iort, text, every(), ids)).toEqual([])
      }),
      { numRuns: 3 },
    )
  })

  const named = `in captured machines${hasCaptures ? '' : ' (no captures)'}`
  test.skipIf(!hasCaptures)(named, { timeout: 300_000 }, async () => {
    const seen = new Set<string>()
    for (const name of captureNames()) {
      const { acpi, kernel } = probeMachine((await openCapture(name)).sysroot)
      if (acpi.iort.state !== 'known' || kernel.release.state !== 'known') continue
      const iort = acpi.iort.value
      const text = kernel.release.value
      // Many were made by one emulator.
      const key = `${text} ${JSON.stringify(iort.nodes, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}`
      if (seen.has(key)) continue
      seen.add(key)
      for (const ids of mapOf(iort, text).bySegment.values()) expect(differences(iort, text, every(), ids)).toEqual([])
    }
    expect(seen.size).toBeGreaterThan(0)
  })
})
