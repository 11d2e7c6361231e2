import { execFileSync } from 'node:child_process'

/** The oldest C library that the executables start with: that of Debian 10, RHEL 8 and Ubuntu 20.04 or older. */
export const GLIBC_FLOOR = '2.28'

/** Highest versions that these userlands have of what else is needed: RHEL 8 has the oldest. */
const FLOORS = { GLIBC: GLIBC_FLOOR, GLIBCXX: '3.4.25', CXXABI: '1.3.11', GCC: '8.0.0' }

function isNewer(one, other) {
  const [left, right] = [one, other].map((version) => version.split('.').map(Number))
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return false
}

/**
 * Highest version of each library's symbols that an executable asks for. Throws where one is newer than the floor.
 * @param {string} executable of any architecture that objdump knows the format of
 * @returns {Readonly<Record<string, string>>} by the name of the versions, `GLIBC`
 */
export function symbolVersions(executable) {
  // Of a program that was made smaller objdump complains about the names of sections, which nothing here needs.
  const listing = execFileSync('objdump', ['-T', executable], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 26,
  })
  const highest = {}
  for (const [, library, version] of listing.matchAll(/\b(GLIBC|GLIBCXX|CXXABI|GCC)_(\d+(?:\.\d+)*)\b/g)) {
    if (highest[library] === undefined || isNewer(version, highest[library])) highest[library] = version
  }
  if (highest.GLIBC === undefined) throw new Error(`${executable} asks for no symbol of the C library`)
  for (const [library, floor] of Object.entries(FLOORS)) {
    if (highest[library] !== undefined && isNewer(highest[library], floor)) {
      throw new Error(`${executable} needs ${library}_${highest[library]}, and may need ${floor} at most`)
    }
  }
  return highest
}
