import { existsSync } from 'node:fs'
import { execaSync } from 'execa'
import { unreadable } from './failure.js'
import type { Read } from './sysroot.js'

const LOG_LIMIT = 16 * 1024 * 1024
/** A reader that has not ended by then never will; a busy emulated machine was seen to need more than 5 s to start one. */
const TIMEOUT_MILLISECONDS = 30_000

/** Where distributions put it. A program of that name elsewhere, in a directory that `PATH` names, is somebody else's. */
const DMESG: readonly string[] = [
  '/usr/bin/dmesg',
  '/bin/dmesg',
  '/usr/sbin/dmesg',
  '/sbin/dmesg',
  '/run/current-system/sw/bin/dmesg',
]

/**
 * The kernel log of the running machine, as the first of `programs` that is there prints it: by its absolute path, and in an
 * environment that has nothing of the caller's. Where the kernel keeps it to privileged readers
 * (`kernel.dmesg_restrict`) it is unreadable for `permission`, where there is no `dmesg` or it fails for `io`.
 * A file of its own: only live runs load execa.
 */
export function runDmesg(programs: readonly string[] = DMESG): Read<Uint8Array> {
  const program = programs.find((path) => existsSync(path))
  if (program === undefined) return unreadable('io')
  try {
    const result = execaSync(program, {
      cwd: '/',
      encoding: 'buffer',
      env: { LC_ALL: 'C' },
      extendEnv: false,
      maxBuffer: LOG_LIMIT,
      reject: false,
      stdin: 'ignore',
      stripFinalNewline: false,
      timeout: TIMEOUT_MILLISECONDS,
    })
    if (result.isMaxBuffer) return unreadable('too-large')
    if (!result.failed) return { state: 'known', value: result.stdout }
    const refused = /not permitted|permission denied/i.test(new TextDecoder().decode(result.stderr))
    return unreadable(refused || result.code === 'EACCES' ? 'permission' : 'io')
  } catch {
    // Options that a future release of the library refuses, or a spawn that fails before it starts.
    return unreadable('io')
  }
}
