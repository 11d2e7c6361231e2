import { spawnSync } from 'node:child_process'

/** Debian's packages of programs that a machine may not have, where they are called otherwise. */
const PACKAGES = {
  'aarch64-linux-gnu-strip': 'binutils-aarch64-linux-gnu',
  'dpkg-deb': 'dpkg',
  objdump: 'binutils',
  rpmbuild: 'rpm',
  strip: 'binutils',
  xz: 'xz-utils',
}

/**
 * Those of some programs that cannot be started here, each with the package that Debian has it in.
 * @param {readonly string[]} programs
 */
export function missingPrograms(programs) {
  return [...new Set(programs)]
    .filter((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error !== undefined)
    .map((program) => `${program} (Debian: ${PACKAGES[program] ?? program})`)
}
