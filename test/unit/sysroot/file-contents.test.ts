import { array, assert, constantFrom, nat, oneof, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FileContents } from '../../../src/sysroot/file-contents.js'

const sizes = array(oneof(nat(300), constantFrom(0, 1, 4095, 4096, 4097, 65_535, 65_536, 65_537)), { maxLength: 60 })

describe('places for the contents of files', () => {
  it('are of the size asked for, zeros, and no other file’s', () => {
    assert(
      property(sizes, (asked) => {
        const contents = new FileContents()
        const places = asked.map((size) => contents.place(size))
        expect(places.map(({ length }) => length)).toEqual(asked)
        expect(places.every((place) => place.every((byte) => byte === 0))).toBe(true)
        places.forEach((place, at) => place.fill((at % 255) + 1))
        places.forEach((place, at) => {
          expect(place.every((byte) => byte === (at % 255) + 1)).toBe(true)
        })
      }),
    )
  })
})
