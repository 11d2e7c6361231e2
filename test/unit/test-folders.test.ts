import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** Tests of what is no folder of src/. */
const OTHERS: readonly string[] = ['docs']

test('a test lies where what it tests does', () => {
  const folders = readdirSync(`${ROOT}test/unit`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(`${ROOT}test/unit/`.length))
  expect(folders.length).toBeGreaterThan(30)
  expect(folders.filter((folder) => !OTHERS.includes(folder) && !existsSync(`${ROOT}src/${folder}`))).toEqual([])
})
