import { expect, test } from 'vitest'
import { caveatWithRule, caveatWord } from '../../../../src/render/words/caveat-words.js'
import { rules } from '../../../../src/rules/registry.js'

test('every rule whose effect is a caveat has a word for it that fits the column', () => {
  const caveats = rules.filter(({ effect }) => effect === 'caveat').map(({ id }) => id)
  expect(caveats.length).toBeGreaterThan(10)
  for (const id of caveats) {
    expect(caveatWord(id)).not.toBe(id)
    expect(caveatWord(id).length).toBeLessThan(20)
    expect(caveatWithRule(id)).toBe(`${caveatWord(id)} (${id})`)
  }
})
