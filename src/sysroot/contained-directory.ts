import { closeSync, constants, openSync, readlinkSync, realpathSync } from 'node:fs'

/** Linux: O_PATH of all architectures that Node.js runs on. Neither reads nor needs permission to. */
const O_PATH = 0x200000
const FLAGS = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW
const DESCRIPTORS = '/proc/self/fd'

/** A directory is not where it was looked for: somebody put a link or another directory into the way. */
class SwappedDirectoryError extends Error {}

/**
 * A directory whose names are only used through a descriptor of the directory that holds them, checked to be the one
 * inside: a component that is swapped for a link while the tree is read leads nowhere. Where there is no `/proc` the
 * check is impossible, and such a swap may lead outside.
 */
export class ContainedDirectory {
  private readonly root: string
  private readonly real: string | undefined

  constructor(root: string) {
    this.root = root
    this.real = realPathOf(root)
  }

  /**
   * What `use` makes of the name `path`, whose directories are none of them links. Throws what opening and `use` throw.
   *
   * @param path inside the directory; the empty string is the directory itself
   */
  use<T>(path: string, use: (name: string) => T): T {
    const cut = path.lastIndexOf('/')
    return this.inside(cut < 0 ? '' : path.slice(0, cut), (directory) =>
      use(path === '' ? `${directory}/.` : `${directory}/${path.slice(cut + 1)}`),
    )
  }

  /** What `use` makes of the directory `path`, itself none but inside. */
  inside<T>(path: string, use: (name: string) => T): T {
    const named = path === '' ? `${this.root}/.` : `${this.root}/${path}`
    if (this.real === undefined) return use(named)
    const descriptor = path === '' ? openSync(named, FLAGS) : openDirectory(named)
    try {
      const held = `${DESCRIPTORS}/${descriptor}`
      const expected = path === '' ? this.real : `${this.real === '/' ? '' : this.real}/${path}`
      if (readlinkSync(held) !== expected) throw new SwappedDirectoryError(named)
      return use(held)
    } finally {
      closeSync(descriptor)
    }
  }
}

/** A name that was a directory and is none now was swapped: that does not make absent what was in it. */
function openDirectory(name: string): number {
  try {
    return openSync(name, FLAGS)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    throw code === 'ENOTDIR' || code === 'ELOOP' ? new SwappedDirectoryError(name) : error
  }
}

/** Undefined where descriptors have no names. */
function realPathOf(root: string): string | undefined {
  try {
    readlinkSync(`${DESCRIPTORS}/0`)
    return realpathSync(`${root}/.`)
  } catch {
    return undefined
  }
}
