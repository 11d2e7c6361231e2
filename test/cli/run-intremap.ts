import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { temporaryDirectory } from '../support/temporary-directories.js'

export const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: Uint8Array | string
  /** Another installation than this checkout. */
  readonly root?: string
}

export interface Run {
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Runs the built program as a user would, with nothing of this environment but the path and an empty home. */
export async function intremap(words: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { root = PACKAGE_ROOT, env = {}, input } = options
  const { exitCode, stdout, stderr } = await execa(process.execPath, [join(root, 'bin/run.js'), ...words], {
    cwd: temporaryDirectory(),
    env: { PATH: process.env['PATH'] ?? '', HOME: temporaryDirectory(), ...env },
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
  })
  return { exitCode, stdout, stderr }
}

/** Files of a machine by path; a value `{ link }` is a symbolic link. */
export type Tree = Readonly<Record<string, string | Uint8Array | { readonly link: string }>>

export function writeTree(files: Tree): string {
  const root = temporaryDirectory()
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path)
    mkdirSync(dirname(file), { recursive: true })
    if (typeof content === 'object' && 'link' in content) symlinkSync(content.link, file)
    else writeFileSync(file, content)
  }
  return root
}

/** One Ethernet function without IOMMU and MSI; `driver` is the name of the driver that holds it. */
export function smallMachine(driver = 'e1000e', release = '6.12.0-test'): Tree {
  const device = 'sys/devices/pci0000:00/0000:00:01.0'
  return {
    'proc/sys/kernel/osrelease': `${release}\n`,
    'sys/bus/pci/devices/0000:00:01.0': { link: '../../../devices/pci0000:00/0000:00:01.0' },
    [`${device}/vendor`]: '0x8086\n',
    [`${device}/device`]: '0x10d3\n',
    [`${device}/class`]: '0x020000\n',
    [`${device}/revision`]: '0x00\n',
    [`${device}/driver`]: { link: `../../../bus/pci/drivers/${driver}` },
    [`${device}/uevent`]: `DRIVER=${driver}\n`,
    [`sys/bus/pci/drivers/${driver}/module`]: '',
  }
}

/** The same as a compressed archive; made with the system's tar. */
export function bundleOf(files: Tree): Uint8Array {
  return execFileSync('tar', ['-czf', '-', '-C', writeTree(files), '.'])
}

/** A copy of the installed program to damage; without what was compiled of it, which is taken up as it is. */
export function copyOfProgram(): string {
  const root = temporaryDirectory()
  for (const part of ['bin', 'dist', 'package.json']) {
    cpSync(join(PACKAGE_ROOT, part), join(root, part), { recursive: true })
  }
  rmSync(join(root, 'dist/quick'), { recursive: true })
  return root
}

/** Replaces the one place of the copied program that matches, in whichever of its files that is. */
export function replaceInProgram(root: string, place: RegExp, replacement: (found: string) => string): void {
  const files = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .map((name) => join(root, 'dist', name))
  const holders = files.filter((file) => place.test(readFileSync(file, 'utf8')))
  const [holder] = holders
  if (holder === undefined || holders.length > 1) throw new Error(`${holders.length} files have ${String(place)}`)
  writeFileSync(holder, readFileSync(holder, 'utf8').replace(place, replacement))
}
