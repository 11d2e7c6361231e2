import type { PathNode, Walk } from './path-walker.js'
import type { Sysroot } from './sysroot.js'

/** A symbolic link that was looked at on the way to a file. */
export interface PassedLink {
  readonly path: string
  readonly target: string
}

/** The way from a path as it was asked for to the name it stands for. */
export interface Trace {
  /** Path without links; where a name was missing on the way, what followed it is kept as written. */
  readonly path: string
  readonly links: readonly PassedLink[]
}

/** A sysroot that can tell which links a read passed, so that the read can be replayed from a recording. */
export interface TracedSysroot extends Sysroot {
  /** `follow` as for a file or listing; without it the last name is not followed, as for reading a link. */
  trace(path: string, follow: boolean): Trace
}

/** The links of a walk, in no particular order. */
export function traceOf(walk: Walk<PathNode>): Trace {
  const links: PassedLink[] = []
  for (let step = walk.trail; step; step = step.before) {
    if (step.target !== undefined) links.push({ path: step.path, target: step.target })
  }
  return { path: walk.path, links }
}
