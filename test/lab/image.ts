import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { cached, ROOT } from './cache.js'
import { cpio, type Entry } from './cpio.js'
import { Archive, type Architecture } from './debian.js'
import type { Kernel, Module } from './kernels.js'
import { run } from './programs.js'

const GUEST = `${ROOT}test/lab/guest`

/** C compilers and Node's names of the guests' architectures. */
const NAMES = {
  arm64: {
    compiler: 'aarch64-linux-gnu-gcc',
    node: 'arm64',
    libraries: 'aarch64-linux-gnu',
    loader: 'ld-linux-aarch64.so.1',
  },
  amd64: { compiler: 'gcc', node: 'x64', libraries: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' },
} as const satisfies Readonly<Record<Architecture, object>>

const PASSWD = 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n'

function programFile(path: string, file: string): Entry {
  return { path, content: readFileSync(file), executable: true }
}

/** The first file of a name below a directory. */
function find(directory: string, name: string): string {
  const found = readdirSync(directory, { recursive: true, withFileTypes: true }).find(
    (at) => at.name === name && !at.isDirectory(),
  )
  if (!found) throw new Error(`${directory} has no ${name}`)
  return join(found.parentPath, found.name)
}

/** Busybox, the program that asks the kernel, and the script that runs everything. */
function base(architecture: Architecture): Buffer {
  const busybox = new Archive(architecture, 'bookworm').unpacked('busybox', ['busybox-static'])
  const directory = mkdtempSync(join(tmpdir(), 'lab-ask-'))
  const ask = join(directory, 'ask')
  run(NAMES[architecture].compiler, ['-O2', '-static', '-o', ask, `${GUEST}/ask.c`])
  const entries = [
    programFile('init', `${GUEST}/init`),
    programFile('bin/busybox', find(busybox, 'busybox')),
    programFile('bin/ask', ask),
    { path: 'etc/passwd', content: PASSWD },
    { path: 'etc/group', content: 'root:x:0:\nnogroup:x:65534:\n' },
    ...['proc', 'sys', 'dev', 'tmp', 'root'].map((name) => ({ path: `${name}/`, content: '' })),
  ]
  rmSync(directory, { recursive: true })
  return cpio(entries, { 'bin/sh': 'busybox' })
}

/** Node.js of the version that runs this, from the npm package of the guest's architecture. */
function nodeFor(architecture: Architecture): string {
  const name = `node-linux-${NAMES[architecture].node}`
  return cached(`${architecture}/${name}-${process.versions.node}`, (target) => {
    const directory = mkdtempSync(join(tmpdir(), 'lab-node-'))
    run('npm', ['pack', '--silent', `${name}@${process.versions.node}`], directory)
    run('tar', ['-xzf', readdirSync(directory)[0] ?? '', 'package/bin/node'], directory)
    copyFileSync(join(directory, 'package/bin/node'), target)
    rmSync(directory, { recursive: true })
  })
}

/**
 * The tool, as /tool/intremap: the single executable where scripts/executables.mjs has built one, else Node.js and the build;
 * with the C library it wants; the collector, and strace.
 */
function tool(architecture: Architecture): Buffer {
  const { node, libraries, loader } = NAMES[architecture]
  const debian = new Archive(architecture, 'bookworm').unpackedWithDependencies('runtime', ['libstdc++6', 'strace'])
  const shared = ['lib', 'usr/lib'].map((at) => join(debian, at, libraries)).filter((at) => existsSync(at))
  const libraryFiles = shared.flatMap((at) =>
    readdirSync(at)
      .filter((name) => /\.so\.\d+$/.test(name))
      .map((name) => [name, join(at, name)] as const),
  )
  const executable = `${ROOT}build/intremap-linux-${node}`
  const program = existsSync(executable)
    ? [programFile('tool/intremap', executable)]
    : [
        {
          path: 'tool/intremap',
          content: '#!/bin/sh\nexec /tool/node --jitless /tool/package/bin/run.js "$@"\n',
          executable: true,
        },
        programFile('tool/node', nodeFor(architecture)),
        ...packageFiles().map((name) => ({ path: `tool/package/${name}`, content: readFileSync(ROOT + name) })),
      ]
  return cpio([
    ...program,
    programFile('tool/collect.sh', `${ROOT}scripts/collect.sh`),
    programFile('tool/strace', find(debian, 'strace')),
    ...libraryFiles.map(([name, file]) => programFile(`lib/${libraries}/${name}`, file)),
    programFile(architecture === 'amd64' ? `lib64/${loader}` : `lib/${loader}`, find(debian, loader)),
  ])
}

/** What the program needs of its package, as `files` of package.json has it, but for documents and types. */
function packageFiles(): readonly string[] {
  const below = (directory: string) =>
    readdirSync(ROOT + directory, { recursive: true, withFileTypes: true })
      .filter((at) => at.isFile())
      .map((at) => `${relative(ROOT, at.parentPath)}/${at.name}`)
  return ['package.json', ...below('bin'), ...below('dist').filter((name) => !name.startsWith('dist/types/'))]
}

function modules({ release, config, drivers, assignment }: Kernel): Buffer {
  const list = (path: string, all: readonly Module[]) => ({
    path,
    content: all.map(({ name }) => `${name}\n`).join(''),
  })
  return cpio([
    list('modules/drivers', drivers),
    list('modules/assignment', assignment),
    ...[...drivers, ...assignment].map(({ name, content }) => ({ path: `modules/${name}.ko`, content })),
    { path: `boot/config-${release}`, content: config },
  ])
}

/** Makes the initramfs of a guest. What is the same for all kernels of an architecture is made once a process. */
export class Images {
  private readonly same = new Map<Architecture, Buffer>()

  initramfs(architecture: Architecture, kernel: Kernel): Buffer {
    let same = this.same.get(architecture)
    if (!same) {
      same = Buffer.concat([base(architecture), tool(architecture)])
      this.same.set(architecture, same)
    }
    return Buffer.concat([same, modules(kernel)])
  }
}
