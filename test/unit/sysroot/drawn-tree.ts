import * as fc from 'fast-check'
import type { MemoryEntry } from '../../../src/sysroot/memory-entry.js'
import type { Sysroot } from '../../../src/sysroot/sysroot.js'

const NAMES = ['a', 'b', 'c']
const DIRECTORIES = ['', ...NAMES, ...NAMES.flatMap((one) => NAMES.map((two) => `${one}/${two}`))]

/** Every path up to three names deep. */
export const PATHS: readonly string[] = DIRECTORIES.flatMap((directory) =>
  NAMES.map((name) => (directory === '' ? name : `${directory}/${name}`)),
)

/** Paths that are asked for: those, the root, and ways through `..`. */
export const QUESTIONS: readonly string[] = ['', ...PATHS, ...PATHS.map((path) => `${path}/../a`)]

const file = (text: string): MemoryEntry => ({ kind: 'file', content: new TextEncoder().encode(text) })
const entry: fc.Arbitrary<MemoryEntry> = fc.oneof(
  fc.constant<MemoryEntry>({ kind: 'directory' }),
  fc.constantFrom('1', '2').map(file),
  fc
    .constantFrom('a', '../b', '/c', '/a/b', '..', 'c/a', '../../b/c', './/a/', '/')
    .map((target): MemoryEntry => ({ kind: 'symlink', target })),
)

/** Small trees full of links, every directory with an entry of its own, nothing below a file or link. */
export const drawnTree: fc.Arbitrary<Readonly<Record<string, MemoryEntry>>> = fc
  .dictionary(fc.constantFrom(...PATHS), entry, { minKeys: 4, maxKeys: 20, noNullPrototype: true })
  .map((drawn) => {
    const tree: Record<string, MemoryEntry> = {}
    for (const [path, drawnEntry] of Object.entries(drawn)) {
      const above = directoriesAbove(path)
      if (above.some((directory) => drawn[directory] !== undefined && drawn[directory].kind !== 'directory')) continue
      for (const directory of above) tree[directory] = { kind: 'directory' }
      tree[path] = drawnEntry
    }
    return tree
  })

function directoriesAbove(path: string): string[] {
  const names = path.split('/').slice(0, -1)
  return names.map((_, at) => names.slice(0, at + 1).join('/'))
}

/** What a sysroot says to every question. */
export function allAnswers(sysroot: Sysroot): unknown {
  return QUESTIONS.map((path) => ({
    path,
    text: sysroot.text(path),
    bytes: sysroot.bytes(path),
    list: sysroot.list(path),
    link: sysroot.link(path),
  }))
}
