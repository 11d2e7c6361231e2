import type { PathNode, Walk } from './path-walker.js'
import type { Sysroot } from './sysroot.js'

/** A name that was looked at on the way to a file. */
export type Step =
  | { readonly path: string; readonly kind: 'directory' | 'file' | 'absent' | 'unreadable' }
  | { readonly path: string; readonly kind: 'symlink'; readonly target: string }

/** The way from a path as it was asked for to the name it stands for. */
export interface Trace {
  /** Path without links; where a name was missing on the way, what followed it is kept as written. */
  readonly path: string
  /**
   * The names looked at, in their order, each as a path without links: directories and links, and last the name where
   * the way ended, whatever it was.
   */
  readonly steps: readonly Step[]
}

/** A sysroot that can tell which names a read passed, so that the read can be replayed from a recording. */
export interface TracedSysroot extends Sysroot {
  /** `follow` as for a file or listing; without it the last name is not followed, as for reading a link. */
  trace(path: string, follow: boolean): Trace
}

/** The steps of a walk, from the root to where it ended. */
export function traceOf(walk: Walk<PathNode>): Trace {
  const backwards: Step[] = []
  for (let { trail } = walk; trail; trail = trail.before) {
    const { path, node } = trail
    backwards.push(node.kind === 'symlink' ? { path, kind: 'symlink', target: node.target } : { path, kind: node.kind })
  }
  const steps = backwards.toReversed()
  const end = steps.findIndex(({ kind }) => kind !== 'directory' && kind !== 'symlink')
  return { path: walk.path, steps: end < 0 ? steps : steps.slice(0, end + 1) }
}
