import type { Report } from '../report/types.js'

/** 0 none, 1 sixteen colours. Decided by the caller: renderers never look at the terminal. */
export type ColorLevel = 0 | 1

export interface RenderOptions {
  /** Width to fit into, in characters; at least 60. */
  readonly columns: number
  /** Lines of the terminal that shows it; left out where none does, as for pipes and files. */
  readonly rows?: number | undefined
  readonly colorLevel: ColorLevel
  /** Everything instead of what fits a screen. */
  readonly all: boolean
  /** Whether devices may be handed out is asked. */
  readonly assignable?: boolean
}

/** Text ends with a newline. */
export type Renderer = (report: Report, options: RenderOptions) => string
