import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { CACHE, cached, ROOT } from './cache.js'
import { Archive, type Architecture, type Suite } from './debian.js'
import type { Kernel } from './kernels.js'
import { run } from './programs.js'

const OPTIONS = readFileSync(`${ROOT}test/lab/own.config`, 'utf8')

/** How the kernel's own build calls the architectures, and what it makes for them. */
const BUILDS = {
  arm64: { name: 'arm64', compiler: 'aarch64-linux-gnu-', image: 'arch/arm64/boot/Image' },
  amd64: { name: 'x86', compiler: '', image: 'arch/x86/boot/bzImage' },
} as const satisfies Readonly<Record<Architecture, object>>

/** The lines of own.config that are for an architecture, with the name that makes the release tell whose kernel it is. */
function optionsOf(architecture: Architecture): string {
  const lines = OPTIONS.split('\n').map((line) => line.replace(`${architecture} CONFIG_`, 'CONFIG_'))
  return [...lines.filter((line) => line.startsWith('CONFIG_')), `CONFIG_LOCALVERSION="-lab-${architecture}"`, ''].join(
    '\n',
  )
}

/** The whole source of a series, from Debian's package of it. */
function source(series: string, suite: Suite): string {
  return cached(`source/linux-${series}`, (tree) => {
    const name = `linux-source-${series}`
    const unpacked = new Archive('amd64', suite).unpacked(name, [name])
    mkdirSync(tree)
    run('tar', ['-xf', join(unpacked, 'usr/src', `${name}.tar.xz`), '-C', tree, '--strip-components=1'])
    rmSync(unpacked, { recursive: true })
  })
}

/**
 * A kernel with the options of own.config, built from Debian's source of a series: once, as long as the options stay the same.
 * Takes ten minutes of two cores. Throws when an option is not to be had, so that none is missing in silence.
 */
export function ownKernel(architecture: Architecture, series: string, suite: Suite): Kernel {
  const options = optionsOf(architecture)
  const digest = createHash('sha256').update(options).digest('hex').slice(0, 8)
  const { name, compiler, image } = BUILDS[architecture]
  const built = cached(`${architecture}/own-${series}-${digest}`, (target) => {
    const directory = source(series, suite)
    // Kept when the build is interrupted, which goes on from there.
    const objects = join(CACHE, `source/objects-${architecture}-${digest}`)
    mkdirSync(objects, { recursive: true })
    const make = (...words: readonly string[]) =>
      run('make', ['-C', directory, `O=${objects}`, `ARCH=${name}`, `CROSS_COMPILE=${compiler}`, ...words])
    writeFileSync(join(objects, 'own.config'), options)
    make('-s', `KCONFIG_ALLCONFIG=${join(objects, 'own.config')}`, 'allnoconfig')
    const taken = new Set(readFileSync(join(objects, '.config'), 'utf8').split('\n'))
    const lost = options.split('\n').filter((line) => !taken.has(line))
    if (lost.length > 0) throw new Error(`Linux ${series} does not take ${lost.join(', ')} of own.config`)
    make(`-j${availableParallelism()}`, image.slice(image.lastIndexOf('/') + 1))
    mkdirSync(target)
    copyFileSync(join(objects, image), join(target, 'image'))
    copyFileSync(join(objects, '.config'), join(target, 'config'))
    copyFileSync(join(objects, 'include/config/kernel.release'), join(target, 'release'))
    rmSync(objects, { recursive: true })
  })
  const text = (file: string) => readFileSync(join(built, file), 'utf8')
  return {
    release: text('release').trim(),
    image: join(built, 'image'),
    config: text('config'),
    drivers: [],
    assignment: [],
  }
}
