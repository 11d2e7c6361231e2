import { readdirSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NameKinds, sortedListing } from '../../../src/sysroot/name-kinds.js'

const NAMES = ['a', 'b', 'c', 'd', 'e']

describe('kinds of names', () => {
  let directory: string
  let listed: string[]
  let kinds: NameKinds
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'intremap-kinds-'))
    for (const path of ['sys/one', 'sys/two', 'other/three']) {
      mkdirSync(join(directory, path), { recursive: true })
      writeFileSync(join(directory, path, 'a'), '')
    }
    listed = []
    kinds = new NameKinds((path) => {
      listed.push(path)
      return sortedListing(readdirSync(join(directory, path), { withFileTypes: true }))
    })
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))
  const all = (path: string) => NAMES.map((name) => kinds.of(path, name))

  test('are looked at one by one until a listing is cheaper', () => {
    expect(all('sys/one')).toEqual(['other', 'other', 'other', 'absent', 'absent'])
    expect(kinds.told('sys/one', 'a')).toBe('file')
    expect(listed).toEqual(['sys/one'])
  })

  test('are listed at once beside a directory that was, and not elsewhere', () => {
    all('sys/one')
    expect(kinds.of('other/three', 'a')).toBe('other')
    expect(kinds.of('sys/two', 'a')).toBe('file')
    expect(listed).toEqual(['sys/one', 'sys/two'])
  })

  test('are not listed twice where listing fails', () => {
    all('sys/one')
    expect([...all('sys/none'), ...all('sys/none')]).toEqual(Array(10).fill('other'))
    expect(listed).toEqual(['sys/one', 'sys/none'])
  })

  test('are found where bytes and code units sort names differently', () => {
    const names = ['\ud83d\ude00', '\uff5e', 'z', 'a1', 'a10', 'a2']
    for (const name of names) writeFileSync(join(directory, 'sys/two', name), '')
    kinds.keep('sys/two', sortedListing(readdirSync(join(directory, 'sys/two'), { withFileTypes: true })))
    expect(names.map((name) => kinds.told('sys/two', name))).toEqual(names.map(() => 'file'))
    expect(['', '0', 'a11', 'b', '\uffff'].map((name) => kinds.told('sys/two', name))).toEqual(Array(5).fill('absent'))
  })

  test('stay known of a directory that is asked for again and again', () => {
    all('sys/one')
    for (let other = 0; other < 100; other += 1) {
      kinds.of(`elsewhere/${other}`, 'a')
      expect(kinds.told('sys/one', 'a')).toBe('file')
    }
    expect(kinds.told('elsewhere/0', 'a')).toBeUndefined()
    expect(listed).toEqual(['sys/one'])
  })
})
