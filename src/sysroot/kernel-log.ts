import { execaSync } from 'execa'
import { unreadable } from './failure.js'
import type { Read } from './sysroot.js'

const LOG_LIMIT = 16 * 1024 * 1024
const TIMEOUT_MILLISECONDS = 5000

/**
 * The kernel log of the running machine, as `dmesg` prints it. Where the kernel keeps it to privileged readers
 * (`kernel.dmesg_restrict`) it is unreadable for `permission`, where there is no `dmesg` or it fails for `io`.
 * A file of its own: only live runs load execa.
 */
export function readKernelLog(command = 'dmesg'): Read<Uint8Array> {
  try {
    const result = execaSync(command, {
      encoding: 'buffer',
      env: { LC_ALL: 'C' },
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
