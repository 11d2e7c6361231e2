import { readFileSync, statSync } from 'node:fs'
import { LIMITS } from '../budget/limits.js'
import { BundleError } from './bundle-error.js'
import { failedRead } from './failure.js'

/** The bytes of the archive that the user named, links followed; throws BundleError where it cannot be read whole. */
export function readBundleFile(path: string): Uint8Array {
  try {
    const status = statSync(path)
    if (!status.isFile()) throw new BundleError(path, 'this is not a file', 'For an unpacked machine pass --sysroot.')
    if (status.size > LIMITS.archiveBytes) {
      throw new BundleError(path, `larger than ${LIMITS.archiveBytes} bytes`, 'Pass what intremap capture wrote.')
    }
    return readFileSync(path)
  } catch (error) {
    if (error instanceof BundleError) throw error
    const failed = failedRead(error)
    if (failed.state === 'absent') throw new BundleError(path, 'no such file', 'Check the path.')
    const problem = failed.reason === 'permission' ? 'permission denied' : 'the file cannot be read'
    throw new BundleError(path, problem, 'Check that it is yours to read.')
  }
}
