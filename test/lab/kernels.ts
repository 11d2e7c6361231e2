import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Archive, type Architecture, type Suite } from './debian.js'
import { ownKernel } from './own-kernel.js'
import { filter, run } from './programs.js'

/** Series of Linux, and where Debian has it. One line adds one. */
const SUITES = {
  '5.10': 'bullseye',
  '6.1': 'bookworm',
  '6.12': 'trixie',
  '6.18': 'trixie-backports',
  '7.2': 'sid',
  '7.3': 'trixie-backports',
} as const satisfies Readonly<Record<string, Suite>>
export type Series = keyof typeof SUITES
const isSeries = (text: string): text is Series => text in SUITES

/** What a machine boots: Debian's kernel of a series, or one that is built here from its source (own-kernel.ts). */
export interface KernelChoice {
  readonly series: Series
  readonly own: boolean
}

/** `7.2` is Debian's, `own-7.2` is our own; undefined for a series that is not in the table. */
export function parseKernelChoice(text: string): KernelChoice | undefined {
  const series = text.replace(/^own-/, '')
  return isSeries(series) ? { series, own: text.startsWith('own-') } : undefined
}

/** Drivers that the guest loads in this order, as far as its kernel has them as modules; then those that assign devices. */
const DRIVERS =
  'virtio_mmio virtio_pci virtio_iommu virtio_blk nvme e1000e e1000 igb igbvf virtio_net virtio_scsi virtio_rng sd_mod ahci xhci_pci shpchp'
const ASSIGNMENT = 'vfio vfio_iommu_type1 vfio_pci iommufd'

export interface Kernel {
  readonly release: string
  readonly image: string
  readonly config: string
  /** Modules to load, each after those it needs. */
  readonly drivers: readonly Module[]
  readonly assignment: readonly Module[]
}
export interface Module {
  readonly name: string
  readonly content: Uint8Array
}

/** The newest of a series: packages are named linux-image-VERSION-ARCHITECTURE, with or without `-unsigned`. */
function newest(archive: Archive, series: Series): string {
  const pattern = new RegExp(
    String.raw`^linux-image-(${series.replaceAll('.', String.raw`\.`)}\.[^-]+(?:-\d+)?)-${archive.architecture}(?:-unsigned)?$`,
  )
  const versions = archive.names(`linux-image-${series}.`).flatMap((name) => pattern.exec(name)?.[1] ?? [])
  const [version] = versions.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  if (version === undefined) throw new Error(`${archive.suite} has no Linux ${series} for ${archive.architecture}`)
  return version
}

/** The kernel that a machine boots, downloaded and unpacked or built as far as it is not there. */
export function kernel(architecture: Architecture, { series, own }: KernelChoice): Kernel {
  return own ? ownKernel(architecture, series, SUITES[series]) : debianKernel(architecture, series)
}

/** A kernel of Debian's, unpacked. Packages differ over time: image with everything, or binary, modules and base apart. */
function debianKernel(architecture: Architecture, series: Series): Kernel {
  const archive = new Archive(architecture, SUITES[series])
  const version = newest(archive, series)
  const suffix = `${version}-${architecture}`
  const wanted = [
    `image-${suffix}-unsigned`,
    `image-${suffix}`,
    `binary-${suffix}`,
    `modules-${suffix}`,
    `base-${suffix}`,
  ]
  const there = new Set(wanted.flatMap((name) => archive.names(`linux-${name}`)))
  const unsigned = there.has(`linux-image-${suffix}-unsigned`)
  const names = wanted
    .map((name) => `linux-${name}`)
    .filter((name) => there.has(name) && !(unsigned && name === `linux-image-${suffix}`))
  return readKernel(archive.unpacked(`linux-${version}`, names), suffix)
}

function readKernel(tree: string, release: string): Kernel {
  const usr = existsSync(join(tree, 'usr/lib/modules')) ? join(tree, 'usr') : tree
  const modules = join(usr, 'lib/modules', release)
  const first = (...paths: readonly string[]): string => {
    const path = paths.find((at) => existsSync(at))
    if (path === undefined) throw new Error(`none of ${paths.join(', ')} is there`)
    return path
  }
  if (!existsSync(join(modules, 'modules.dep'))) run('depmod', ['-b', usr, release])
  const seen = new Set<string>()
  const modulesOf = (names: string) => names.split(' ').flatMap((name) => dependencies(usr, release, name, seen))
  return {
    release,
    image: first(join(tree, `boot/vmlinuz-${release}`), join(modules, 'vmlinuz')),
    config: readFileSync(first(join(tree, `boot/config-${release}`), join(modules, 'config')), 'utf8'),
    drivers: modulesOf(DRIVERS),
    assignment: modulesOf(ASSIGNMENT),
  }
}

/** A module and what it needs, in the order of loading, without those seen before; none where it is built in or absent. */
function dependencies(base: string, release: string, name: string, seen: Set<string>): readonly Module[] {
  const table = readFileSync(join(base, 'lib/modules', release, 'modules.dep'), 'utf8')
  const line = table.split('\n').find((at) => nameOf(at.split(':', 1)[0] ?? '') === name)
  if (line === undefined) return []
  const [own = '', needed = ''] = line.split(':')
  // modules.dep lists what is needed last first.
  return [own, ...needed.split(' ').filter(Boolean)].toReversed().flatMap((path) => {
    if (seen.has(path)) return []
    seen.add(path)
    const content = readFileSync(join(base, 'lib/modules', release, path))
    return [{ name: nameOf(path), content: path.endsWith('.xz') ? filter('xz', ['-dc'], content) : content }]
  })
}

/** `kernel/drivers/nvme/host/nvme-core.ko.xz` is nvme_core. */
function nameOf(path: string): string {
  return basename(path)
    .replace(/\.ko(?:\.[a-z]+)?$/, '')
    .replaceAll('-', '_')
}
