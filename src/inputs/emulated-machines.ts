import { NotFoundError } from './errors.js'
import { nearest } from './nearest.js'
import { listPackageFiles, readPackageFile } from './package-files.js'

const SUFFIX = '.tar.gz'
const FIXTURES = 'test/fixtures'
/** Shown where a host has nothing to look at: an ordinary Arm server with everything in place. */
export const PREFERRED_EXAMPLE = 'arm-v3its-topo-acpi-612'

/** Names of the machines that come with the package, sorted. */
export function emulatedMachines(): readonly string[] {
  return listPackageFiles(FIXTURES)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .sort()
}

/** The bundle of a machine. Throws NotFoundError with the names there are. */
export function readEmulatedMachine(name: string): Uint8Array {
  const names = emulatedMachines()
  if (!names.includes(name)) {
    const near = nearest(name, names)
    const meant = near.length > 0 ? `Near it: ${near.join(', ')}. ` : ''
    throw new NotFoundError(`there is no bundled machine ${name}`, {
      path: name,
      hint:
        names.length > 0
          ? `${meant}intremap selftest --list lists all ${names.length}.`
          : 'This installation has none: test/fixtures is missing.',
    })
  }
  return readPackageFile(`${FIXTURES}/${encodeURIComponent(name)}${SUFFIX}`)
}

/** The machine to show as an example; undefined when the installation has none. */
export function exampleMachine(): string | undefined {
  const names = emulatedMachines()
  return names.includes(PREFERRED_EXAMPLE) ? PREFERRED_EXAMPLE : names[0]
}
