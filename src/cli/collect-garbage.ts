import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Gives back at once what nothing refers to any more. Only contexts that are made from now on can ask V8 for that. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('globalThis.gc?.()')
}
