// Builds the single executables, for machines without Node.js: build/intremap-linux-ARCH, as .tar.xz and .deb too, and SHA256SUMS.
// Needs an up-to-date build, tar, xz and dpkg-deb. Node.js itself comes from npm packages, of one version for all.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { inject } from 'postject'

const NODE_VERSION = '24.21.0'
/** Names of Node.js and of Debian. */
const ARCHITECTURES = [
  ['x64', 'amd64', 'strip'],
  ['arm64', 'arm64', 'aarch64-linux-gnu-strip'],
]
/** postject looks for this text in the binary of Node.js (its documentation on single executables). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'
/** One moment for all files, so that the same sources give the same bytes. */
const EPOCH = process.env.SOURCE_DATE_EPOCH ?? '1767225600'

const root = fileURLToPath(new URL('../', import.meta.url))
const output = `${root}build`
const { version, description } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
const run = (program, ...words) => execFileSync(program, words, { cwd: output, stdio: ['ignore', 'pipe', 'inherit'] })

rmSync(output, { recursive: true, force: true })
mkdirSync(`${output}/node`, { recursive: true })

/** Node.js for an architecture, without the symbols that nobody debugs here. */
function nodeFor(architecture, strip) {
  const [packed] = JSON.parse(String(run('npm', 'pack', '--json', `node-linux-${architecture}@${NODE_VERSION}`)))
  const file = `${output}/node/${architecture}`
  run('tar', '-xzf', packed.filename, '--transform=s,.*/,,', '-C', 'node', 'package/bin/node')
  renameSync(`${output}/node/node`, file)
  rmSync(`${output}/${packed.filename}`)
  run(strip, file)
  return file
}

/** The program in one file. */
async function bundle() {
  await build({
    entryPoints: [`${root}src/executable.ts`],
    outfile: `${output}/program.cjs`,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    external: ['typescript'],
    legalComments: 'none',
    // Nothing lies beside it.
    define: { 'import.meta.url': '""' },
    logLevel: 'warning',
  })
}

/** What the program asks for as files of its package. */
function assets() {
  const names = [
    'dist/commands.json',
    ...readdirSync(`${root}dist/schemas`).map((file) => `dist/schemas/${file}`),
    ...readdirSync(`${root}test/fixtures`)
      .filter((file) => file.endsWith('.tar.gz'))
      .sort()
      .map((file) => `test/fixtures/${file}`),
  ]
  writeFileSync(`${output}/files.txt`, names.join('\n'))
  return Object.fromEntries([['files.txt', `${output}/files.txt`], ...names.map((name) => [name, `${root}${name}`])])
}

/** The blob that Node.js looks for in itself; a code cache fits one architecture only, so that of the other has none. */
function blobOf(builder, useCodeCache) {
  const config = {
    main: `${output}/program.cjs`,
    output: `${output}/program.blob`,
    disableExperimentalSEAWarning: true,
    useCodeCache,
    assets: assets(),
  }
  writeFileSync(`${output}/sea.json`, JSON.stringify(config))
  run(builder, '--experimental-sea-config', 'sea.json')
  return readFileSync(`${output}/program.blob`)
}

const CONTROL = (architecture, kilobytes) => `Package: intremap
Version: ${version}
Section: admin
Priority: optional
Architecture: ${architecture}
Depends: libc6 (>= 2.28), libstdc++6
Installed-Size: ${kilobytes}
Maintainer: intremap maintainers <intremap@localhost>
Description: ${description.slice(0, 60).replace(/ \S*$/, '')}
 ${description}.
`

/** A Debian package with the executable, its licences and its documentation. */
function debianPackage(executable, architecture) {
  const tree = `${output}/deb`
  const documentation = `${tree}/usr/share/doc/intremap`
  for (const folder of [`${tree}/DEBIAN`, `${tree}/usr/bin`, documentation])
    mkdirSync(folder, { recursive: true, mode: 0o755 })
  copyFileSync(executable, `${tree}/usr/bin/intremap`)
  copyFileSync(`${root}dist/LICENSES.txt`, `${documentation}/LICENSES.txt`)
  copyFileSync(`${root}README.md`, `${documentation}/README.md`)
  copyFileSync(`${root}LICENSE`, `${documentation}/copyright`)
  run('chmod', '-R', 'u=rwX,go=rX', tree)
  chmodSync(`${tree}/usr/bin/intremap`, 0o755)
  writeFileSync(`${tree}/DEBIAN/control`, CONTROL(architecture, Math.ceil(statSync(executable).size / 1024)))
  const file = `intremap_${version}_${architecture}.deb`
  execFileSync('dpkg-deb', ['-Zxz', '--root-owner-group', '--build', tree, `${output}/${file}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, SOURCE_DATE_EPOCH: EPOCH },
  })
  rmSync(tree, { recursive: true })
  return file
}

/** The executable with its licences in an archive of one folder. */
function archive(executable, architecture) {
  const name = `intremap-${version}-linux-${architecture}`
  mkdirSync(`${output}/${name}`)
  copyFileSync(executable, `${output}/${name}/intremap`)
  chmodSync(`${output}/${name}/intremap`, 0o755)
  copyFileSync(`${root}dist/LICENSES.txt`, `${output}/${name}/LICENSES.txt`)
  copyFileSync(`${root}LICENSE`, `${output}/${name}/LICENSE`)
  copyFileSync(`${root}README.md`, `${output}/${name}/README.md`)
  const same = ['--sort=name', `--mtime=@${EPOCH}`, '--owner=0', '--group=0', '--numeric-owner']
  run('tar', ...same, '-cJf', `${name}.tar.xz`, name)
  rmSync(`${output}/${name}`, { recursive: true })
  return `${name}.tar.xz`
}

await bundle()
const [builder] = ARCHITECTURES.map(([architecture, , strip]) => nodeFor(architecture, strip))
const made = []
for (const [architecture, debian] of ARCHITECTURES) {
  const executable = `${output}/intremap-linux-${architecture}`
  copyFileSync(`${output}/node/${architecture}`, executable)
  await inject(executable, 'NODE_SEA_BLOB', blobOf(builder, architecture === process.arch), { sentinelFuse: FUSE })
  made.push(`intremap-linux-${architecture}`, archive(executable, architecture), debianPackage(executable, debian))
}
for (const leftover of ['node', 'files.txt', 'program.blob', 'program.cjs', 'sea.json']) {
  rmSync(`${output}/${leftover}`, { recursive: true, force: true })
}
const sums = made.map(
  (file) =>
    `${createHash('sha256')
      .update(readFileSync(`${output}/${file}`))
      .digest('hex')}  ${file}\n`,
)
writeFileSync(`${output}/SHA256SUMS`, sums.join(''))
for (const file of made)
  console.log(`${(statSync(`${output}/${file}`).size / 1e6).toFixed(1).padStart(6)} MB  build/${file}`)
