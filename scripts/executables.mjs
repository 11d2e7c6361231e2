// Builds the single executables, for machines without Node.js: build/intremap-linux-ARCH, as .tar.xz, .deb and .rpm too,
// and SHA256SUMS. Needs an up-to-date build, tar, xz, objdump, dpkg-deb and rpmbuild, and of each architecture its strip.
// Node.js itself comes from npm packages, of one version for all.
//   --only ARCH  leaves the other architecture out
//   --quick      compresses little, for a package that is only tried
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { inject } from 'postject'
import { ONE_SCRIPT, QUICK_SCRIPTS } from './bundle.mjs'
import { archive } from './packages/archive.mjs'
import { debianPackage } from './packages/debian.mjs'
import { missingPrograms } from './packages/missing-programs.mjs'
import { rpmPackage } from './packages/rpm.mjs'
import { symbolVersions } from './packages/symbol-floor.mjs'

/** @type {{ readonly values: { readonly only?: string, readonly quick?: boolean } }} */
const { values: flags } = parseArgs({
  options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } },
})
const NODE_VERSION = '24.21.0'
/** As Node.js, Debian and rpm name them. */
const ARCHITECTURES = [
  { architecture: 'x64', debianArchitecture: 'amd64', rpmArchitecture: 'x86_64', strip: 'strip' },
  { architecture: 'arm64', debianArchitecture: 'arm64', rpmArchitecture: 'aarch64', strip: 'aarch64-linux-gnu-strip' },
]
/** postject looks for this text in the binary of Node.js (its documentation on single executables). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'
/**
 * Most runs end before optimized code has paid for its making: what stays hot is optimized a little later, regular
 * expressions too. One thread collects a small heap with less work than several.
 */
const V8_FLAGS = [
  '--no-maglev',
  '--invocation-count-for-turbofan=20000',
  '--regexp-tier-up-ticks=300',
  '--no-regexp-peephole-optimization',
  '--single-threaded-gc',
]
/** What V8 compiles by when is for its threads and its collector of garbage to say: one thread, and room for all there is. */
const SAME_TWICE = ['--predictable', '--min-semi-space-size=256', '--max-semi-space-size=256']
const root = fileURLToPath(new URL('../', import.meta.url))
const output = `${root}build`
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
// Pipes throughout: what kind of thing standard error is shows in what V8 compiles.
const run = (program, ...words) => execFileSync(program, words, { cwd: output, stdio: ['ignore', 'pipe', 'pipe'] })

const wanted = ARCHITECTURES.filter(({ architecture }) => flags.only === undefined || architecture === flags.only)
if (wanted.length === 0)
  throw new Error(`--only is one of ${ARCHITECTURES.map(({ architecture }) => architecture).join(', ')}`)
// What runs here writes the blobs of all.
const own = ARCHITECTURES.find(({ architecture }) => architecture === process.arch)
const strips = [...wanted, ...(own ? [own] : [])].map(({ strip }) => strip)
const missing = missingPrograms(['tar', 'xz', 'objdump', 'dpkg-deb', 'rpmbuild', ...strips])
if (missing.length > 0) {
  console.error(`Nothing is built: this machine has no ${missing.join(', no ')}`)
  process.exit(1)
}

rmSync(output, { recursive: true, force: true })
mkdirSync(`${output}/node`, { recursive: true })

/** Node.js for an architecture, without the symbols that nobody debugs here, and its licences. */
function nodeFor(architecture, strip) {
  const [packed] = JSON.parse(String(run('npm', 'pack', '--json', `node-linux-${architecture}@${NODE_VERSION}`)))
  const file = `${output}/node/${architecture}`
  run('tar', '-xzf', packed.filename, '--transform=s,.*/,,', '-C', 'node', 'package/bin/node', 'package/LICENSE')
  renameSync(`${output}/node/node`, file)
  rmSync(`${output}/${packed.filename}`)
  run(strip, file)
  return file
}

/** The scripts in the executable, and what each is made of. They are made two folders deep, as all that asks for files of the package. */
const SCRIPTS = { ...QUICK_SCRIPTS, program: `${root}src/executable.ts` }

/** The quick commands in files of their own, the whole program in another. */
async function bundle() {
  await build({
    ...ONE_SCRIPT,
    entryPoints: SCRIPTS,
    outdir: `${output}/scripts`,
    outExtension: { '.js': '.cjs' },
    target: 'node24',
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

/** Puts a blob into Node.js; where it begins in the executable, behind other notes. */
async function injected(node, executable, blob) {
  copyFileSync(node, executable)
  await inject(executable, 'NODE_SEA_BLOB', blob, { sentinelFuse: FUSE })
  return readFileSync(executable).indexOf(blob)
}

/** Compiled code that lies on a multiple of so many bytes is read in place by V8; other code it copies first. */
const ALIGNMENT = 8

/**
 * Moves compiled code to where it is read in place, by bytes in front of it. It is a whole number of multiples itself, so
 * that its length tells the loader how many they are.
 * @param {readonly string[]} caches files of compiled code, which are changed
 * @param {number} start where the blob begins
 * @param {() => Buffer} write makes the blob of them
 */
function alignedBlob(caches, start, write) {
  let blob = write()
  const codes = caches.map((file) => ({ file, code: readFileSync(file) }))
  // One that is moved moves those behind it.
  codes.sort((one, other) => blob.indexOf(one.code) - blob.indexOf(other.code))
  for (const { file, code } of codes) {
    const beyond = (start + blob.indexOf(code)) % ALIGNMENT
    if (beyond === 0) continue
    writeFileSync(file, Buffer.concat([Buffer.alloc(ALIGNMENT - beyond), code]))
    blob = write()
  }
  return blob
}

/**
 * What writes the blob that Node.js looks for in itself, and the files of compiled code that go into it. Compiled code fits one architecture only, so that of the other has none: there
 * the program is compiled at every start.
 * @param {string} builder Node.js of this architecture
 * @param {boolean} isOwnArchitecture
 */
function blobWriter(builder, isOwnArchitecture) {
  const names = Object.keys(SCRIPTS)
  const scripts = names.map((name) => `${output}/scripts/${name}.cjs`)
  const caches = isOwnArchitecture ? names.map((name) => `${output}/scripts/${name}.cache`) : []
  for (const [index, cache] of caches.entries()) {
    run(builder, ...V8_FLAGS, ...SAME_TWICE, `${root}scripts/code-cache.mjs`, scripts[index], cache)
  }
  const config = {
    // A path that is in the blob.
    main: '../scripts/executable-loader.cjs',
    output: `${output}/program.blob`,
    disableExperimentalSEAWarning: true,
    execArgv: V8_FLAGS,
    // What somebody sets for other programs of theirs is not meant for this one.
    execArgvExtension: 'none',
    assets: { ...assets(), ...Object.fromEntries([...scripts, ...caches].map((file) => [basename(file), file])) },
  }
  writeFileSync(`${output}/sea.json`, JSON.stringify(config))
  const write = () => {
    run(builder, '--experimental-sea-config', 'sea.json')
    return readFileSync(config.output)
  }
  return { caches, write }
}

/** Whose code is in the executables: that of the program, and Node.js with all that is in it. */
function licenses() {
  const rule = '-'.repeat(80)
  const node = readFileSync(`${output}/node/LICENSE`, 'utf8').trim()
  return `${readFileSync(`${root}dist/LICENSES.txt`, 'utf8')}\n${rule}\nNode.js ${NODE_VERSION}\n\n${node}\n`
}

await bundle()
const builder = own && nodeFor(own.architecture, own.strip)
const made = []
for (const names of wanted) {
  const { architecture, strip } = names
  const node = architecture === process.arch && builder !== undefined ? builder : nodeFor(architecture, strip)
  const executable = `${output}/intremap-linux-${architecture}`
  const { caches, write } = blobWriter(builder ?? process.execPath, architecture === process.arch)
  const start = await injected(node, executable, write())
  if (caches.length > 0 && (await injected(node, executable, alignedBlob(caches, start, write))) !== start)
    throw new Error('another blob begins elsewhere')
  const needed = Object.entries(symbolVersions(executable)).map(([library, least]) => `${library} ${least}`)
  console.log(`build/intremap-linux-${architecture} needs ${needed.join(', ')}`)
  const license = readFileSync(`${root}LICENSE`)
  const contents = {
    root,
    output,
    executable,
    version,
    license,
    licenses: licenses(),
    level: flags.quick === true ? 0 : 6,
    ...names,
  }
  made.push(`intremap-linux-${architecture}`, archive(contents), debianPackage(contents), rpmPackage(contents))
}
// Node.js itself stays: the benchmark starts it bare beside what it was made.
for (const leftover of ['scripts', 'files.txt', 'program.blob', 'sea.json']) {
  rmSync(`${output}/${leftover}`, { recursive: true, force: true })
}
const sums = made.map((file) => {
  const digest = createHash('sha256')
    .update(readFileSync(`${output}/${file}`))
    .digest('hex')
  return `${digest}  ${file}\n`
})
writeFileSync(`${output}/SHA256SUMS`, sums.join(''))
for (const file of made)
  console.log(`${(statSync(`${output}/${file}`).size / 1e6).toFixed(1).padStart(6)} MB  build/${file}`)
