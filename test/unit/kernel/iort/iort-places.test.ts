import { describe, expect, it } from 'vitest'
import { IortPlaces } from '../../../../src/kernel/iort/iort-places.js'
import { mapping, rc, smmu } from './iort-nodes.js'

const IORT = 'sys/firmware/acpi/tables/IORT'
const [first, second, end] = [mapping({ offset: 84 }), mapping({ offset: 104 }), mapping({ offset: 300 })]
const complex = rc([first, second])
const node = smmu(200, { mappings: [end] })
const way = (over: readonly (typeof first)[]) =>
  over.map((one) => ({ node, mapping: one, index: 0, input: 0, output: 0 }))
const at = (offset: number, length: number) => ({ path: IORT, at: { offset, length } })

describe('places of ways through an IORT', () => {
  it('are the root complex and each mapping, of 20 bytes (DEN 0049)', () => {
    expect(new IortPlaces().of(complex, way([first, end]))).toEqual([at(48, 36), at(84, 20), at(300, 20)])
    expect(new IortPlaces().of(complex, [])).toEqual([at(48, 36)])
    expect(new IortPlaces().of(undefined, way([first]))).toEqual([at(84, 20)])
  })

  it('are made once for functions that go the same way', () => {
    const places = new IortPlaces()
    expect(places.of(complex, way([first, end]))).toBe(places.of(complex, way([first, end])))
  })

  it('are not those of another way to the same end', () => {
    const places = new IortPlaces()
    places.of(complex, way([first, end]))
    expect(places.of(complex, way([second, end]))).toEqual([at(48, 36), at(104, 20), at(300, 20)])
    expect(places.of(complex, way([end]))).toEqual([at(48, 36), at(300, 20)])
    expect(places.of({ ...complex, offset: 400 }, way([end]))).toEqual([at(400, 36), at(300, 20)])
  })
})
