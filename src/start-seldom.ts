import type { Commands } from './quick.js'
import { quickScript } from './start.js'

/** Quick commands that few scripts start. */
export const SELDOM: Commands = {
  capture: async () => (await import('./commands/capture.js')).CAPTURE,
  decode: async () => (await import('./commands/decode.js')).DECODE,
  diff: async () => (await import('./commands/diff.js')).DIFF,
  explain: async () => (await import('./commands/explain.js')).EXPLAIN,
}

export const { start, lineRun } = quickScript(SELDOM)
