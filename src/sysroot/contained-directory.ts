import { closeSync, constants, openSync, readlinkSync, realpathSync } from 'node:fs'
import { RecentDirectories } from './recent-directories.js'

/** Linux: O_PATH of all architectures that Node.js runs on. Neither reads nor needs permission to. */
const O_PATH = 0x200000
const FLAGS = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW

/** A directory is not where it was looked for: somebody put a link or another directory into the way. */
class SwappedDirectoryError extends Error {}

/** Enough for a walk that changes between directories of links and what they lead to, with the directories above. */
const MOST_HELD = 16

/** A directory that was opened and found to be inside. */
interface HeldDirectory {
  readonly path: string
  readonly descriptor: number
  /** Its name as long as the descriptor is open. */
  readonly name: string
}

/**
 * A directory whose names are only used through a descriptor of the directory that holds them, checked to be the one
 * inside: a component that is swapped for a link while the tree is read leads nowhere. The descriptors of the
 * directories used last are held until the running job ends: most reads want the next name of the same directory.
 * Where there is no `/proc` the check is impossible, and such a swap may lead outside.
 */
export class ContainedDirectory {
  private readonly root: string
  private readonly real: string | undefined
  /** Where this process's descriptors have names. */
  private readonly descriptors: string | undefined
  private readonly held = new RecentDirectories<HeldDirectory>(MOST_HELD)
  private willRelease = false

  constructor(root: string) {
    this.root = root
    this.descriptors = descriptorsOf()
    this.real = this.descriptors === undefined ? undefined : realPathOf(root)
  }

  /**
   * A name that stands for the directory `path`, and for no other, until the next one is held. Throws what opening throws.
   *
   * @param path inside this one, which is the empty string, without links
   */
  nameOf(path: string): string {
    const known = this.held.find(path)
    if (known) return known.name
    // From a directory that is held a name leads nowhere else, unless it is a link.
    const cut = path.lastIndexOf('/')
    const above = path === '' ? undefined : this.held.find(cut < 0 ? '' : path.slice(0, cut))
    const named = above
      ? `${above.name}/${path.slice(cut + 1)}`
      : path === ''
        ? `${this.root}/.`
        : `${this.root}/${path}`
    if (this.real === undefined) return named
    const descriptor = path === '' ? openSync(named, FLAGS) : openDirectory(named)
    const held = { path, descriptor, name: `${this.descriptors}/${descriptor}` }
    try {
      const expected = path === '' ? this.real : `${this.real === '/' ? '' : this.real}/${path}`
      if (!above && readlinkSync(held.name) !== expected) throw new SwappedDirectoryError(named)
    } catch (error) {
      closeSync(descriptor)
      throw error
    }
    this.hold(held)
    return held.name
  }

  private hold(directory: HeldDirectory): void {
    const oldest = this.held.add(directory)
    if (oldest) closeSync(oldest.descriptor)
    if (this.willRelease) return
    this.willRelease = true
    queueMicrotask(() => {
      this.willRelease = false
      for (const { descriptor } of this.held.takeAll()) closeSync(descriptor)
    })
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

/** Undefined where descriptors have no names. Not by `self`, which would be looked up for every name below it. */
function descriptorsOf(): string | undefined {
  try {
    const directory = `/proc/${readlinkSync('/proc/self')}/fd`
    readlinkSync(`${directory}/0`)
    return directory
  } catch {
    return undefined
  }
}

/** Undefined where there is no such directory. */
function realPathOf(root: string): string | undefined {
  try {
    return realpathSync(`${root}/.`)
  } catch {
    return undefined
  }
}
