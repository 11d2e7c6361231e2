import { statSync } from 'node:fs'

/** How long a guest may take, in seconds. */
export interface Patience {
  /** Without a word on its console: how fast it gets on depends on what else this machine does, so that slow is not stuck. */
  readonly silent: number
  /** In all: one that is stuck may go on complaining. */
  readonly all: number
}

/** What runs it. */
export interface Guest {
  readonly kill: (signal: 'SIGKILL') => unknown
}

const CHECK_MILLISECONDS = 500

const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0

/** Turns a guest off that says nothing more on its console, or does not end. Gives what ends the watch and says why it was. */
export function watched(guest: Guest, console: string, { silent, all }: Patience): () => string | undefined {
  const start = performance.now()
  let size = 0
  let grown = start
  let reason: string | undefined
  const timer = setInterval(() => {
    const now = performance.now()
    const newSize = sizeOf(console)
    if (newSize !== size) {
      size = newSize
      grown = now
    }
    if (now - grown >= silent * 1000) reason = `its console said nothing for ${silent} s`
    else if (now - start >= all * 1000) reason = `it was not done after ${all.toFixed(0)} s`
    if (reason !== undefined) guest.kill('SIGKILL')
  }, CHECK_MILLISECONDS)
  return () => {
    clearInterval(timer)
    return reason
  }
}
