import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readDescription } from '../../../src/inputs/description-file.js'
import { InputError } from '../../../src/inputs/errors.js'
import { temporaryDirectory } from '../../support/temporary-directories.js'

const file = `${temporaryDirectory()}/machine.json`

function mistakesOf(content: string | Uint8Array): readonly string[] {
  writeFileSync(file, content)
  try {
    readDescription(file, (json) =>
      json === 1 ? { ok: true, value: json } : { ok: false, errors: [{ path: 'a', message: 'is wrong' }] },
    )
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return [error.message.replace(file, 'FILE'), ...error.mistakes]
  }
  return []
}

describe('the file of a description', () => {
  test('is given to who checks it', () => {
    expect(mistakesOf('1')).toEqual([])
    expect(mistakesOf('2')).toEqual(['FILE describes no machine, one mistake', 'a: is wrong'])
  })

  test('is JSON in UTF-8', () => {
    expect(mistakesOf('{')[0]).toBe('FILE is not JSON')
    expect(mistakesOf(Uint8Array.of(0x22, 0xff, 0x22))).toEqual(['FILE is not JSON', 'its bytes are not UTF-8'])
  })

  test.each([
    ['lists in lists', '['.repeat(300_000)],
    ['numbers', `[${'1,'.repeat(1_100_000)}1]`],
    ['objects', `[${'{},'.repeat(120_000)}1]`],
  ])('is not parsed where it may hold a million values: %s', (_, text) => {
    expect(mistakesOf(text)).toEqual(['FILE: a machine description of more than 1000000 values'])
  })
})
