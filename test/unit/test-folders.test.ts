import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** Tests of what is no folder of src/. */
const OTHERS: readonly string[] = ['docs']

const filesBelow = (folder: string) => readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
const partOf = (path: string) => path.split('/')[0]

/** Tests that are named after a file of their part, and lie in another room of it; one that is named after its room is of all of that. */
function misplaced(tests: readonly string[], sources: readonly string[]): readonly string[] {
  return tests.flatMap((path) => {
    const own = sources.filter(
      (file) => partOf(file) === partOf(path) && basename(file, '.ts') === basename(path, '.test.ts'),
    )
    const isOfRoom = basename(dirname(path)) === basename(path, '.test.ts')
    return isOfRoom || own.length === 0 || own.some((file) => dirname(file) === dirname(path)) ? [] : [path]
  })
}

test('a test lies where what it tests does', () => {
  const folders = readdirSync(`${ROOT}test/unit`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(`${ROOT}test/unit/`.length))
  expect(folders.length).toBeGreaterThan(30)
  expect(folders.filter((folder) => !OTHERS.includes(folder) && !existsSync(`${ROOT}src/${folder}`))).toEqual([])
})

test('a test that is named after a file lies in its room', () => {
  const tests = filesBelow('test/unit').filter((path) => path.endsWith('.test.ts'))
  expect(tests.length).toBeGreaterThan(150)
  expect(misplaced(tests, filesBelow('src'))).toEqual([])
  expect(misplaced(['render/a.test.ts', 'render/words/b.test.ts', 'rules/a.test.ts'], ['render/words/a.ts'])).toEqual([
    'render/a.test.ts',
  ])
})
