// Installs, runs, upgrades and removes the packages of build/ where there is no Node.js, and prints what it saw:
//   sudo node scripts/try-packages.mjs [--work DIR] [SYSTEM…]     after scripts/executables.mjs
// A SYSTEM is a release of Debian or Ubuntu (bookworm, bullseye, trixie, focal: the .deb in a debootstrap of it), `rpm` (the
// .rpm, by rpm itself, in a copy of the first of them), or `arm64` (the .deb of arm64, run by qemu-user). All of them when left out.
// Needs root, debootstrap, GNU time, rpm, qemu-aarch64-static and a mirror. Trees stay below --work, to be used again: nothing
// stays mounted in them, and nothing of this host's /dev is ever there.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

// In a mount namespace of its own, so that what is mounted ends with it, however it ends.
const SEPARATE = 'INTREMAP_SEPARATE_MOUNTS'
if (process.env[SEPARATE] === undefined) {
  const words = ['--mount', '--propagation', 'private', process.execPath, ...process.argv.slice(1)]
  const { status, error } = spawnSync('unshare', words, { stdio: 'inherit', env: { ...process.env, [SEPARATE]: '1' } })
  if (error !== undefined) throw error
  process.exit(status ?? 1)
}

const { values, positionals } = parseArgs({ options: { work: { type: 'string' } }, allowPositionals: true })
const root = fileURLToPath(new URL('../', import.meta.url))
const build = `${root}build`
const work = values.work ?? mkdtempSync(`${tmpdir()}/intremap-systems-`)
const systems = positionals.length > 0 ? positionals : ['bookworm', 'bullseye', 'trixie', 'focal', 'rpm', 'arm64']
/** @type {Readonly<Record<string, string | undefined>>} */
const UBUNTU = { focal: 'http://archive.ubuntu.com/ubuntu' }
const [FIRST = 'bookworm'] = systems.filter((system) => system !== 'rpm' && system !== 'arm64')

const call = (program, ...words) =>
  execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const fileOf = (ending) => {
  const name = readdirSync(build).find((file) => file.endsWith(ending))
  if (name === undefined) throw new Error(`build/ has no *${ending}: run scripts/executables.mjs`)
  return `${build}/${name}`
}

let failures = 0
/** @param {string} what @param {boolean} holds @param {string} [seen] */
function expect(what, holds, seen = '') {
  if (!holds) failures += 1
  console.log(`  ${holds ? 'ok  ' : 'FAIL'} ${what}${seen === '' ? '' : `: ${seen}`}`)
}

/** Runs the installed program and says how long and how large it was, by GNU time. */
function measured(prefix, words) {
  const report = `${work}/time`
  const { status, stdout, stderr } = spawnSync('/usr/bin/time', ['-v', '-o', report, ...prefix, ...words], {
    encoding: 'utf8',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    maxBuffer: 1 << 26,
  })
  const text = readFileSync(report, 'utf8')
  const number = (pattern) => Number(pattern.exec(text)?.[1] ?? Number.NaN)
  const seconds = number(/User time \(seconds\): ([\d.]+)/) + number(/System time \(seconds\): ([\d.]+)/)
  const megabytes = number(/Maximum resident set size \(kbytes\): (\d+)/) / 1024
  return { status, stdout, stderr, cost: `${seconds.toFixed(2)} s of CPU, ${megabytes.toFixed(0)} MB` }
}

/** What somebody does first. `program` is how the installed program is run. */
function use(program) {
  const run = (...words) => measured(program, words)
  const version = run('--version')
  expect('--version', version.status === 0 && /^intremap \d/.test(version.stdout), version.cost)
  const help = run('help')
  expect('help', help.status === 0 && help.stdout.includes('COMMANDS'), help.cost)
  const wrong = run('prob')
  expect('an unknown command', wrong.status === 64 && wrong.stderr.includes('probe'), wrong.stderr.split('\n')[0])
  const probe = run('probe', '--json')
  expect(
    'probe of this host',
    [0, 1, 3].includes(probe.status) && probe.stdout.startsWith('{'),
    `exit ${probe.status}, ${probe.cost}`,
  )
  const machine = run('probe', '--emulated', 'ampere-altra-server')
  expect('probe of a bundled machine', machine.status === 0, machine.cost)
  const selftest = run('selftest')
  expect('selftest', selftest.status === 0, `${/^.*answers.*$/m.exec(selftest.stdout)?.[0] ?? ''} ${selftest.cost}`)
  expect('fleet of nothing', run('fleet', '/nonexistent').stderr.includes('/nonexistent'))
  expect('explain IR101', run('explain', 'IR101').status === 0)
  expect('completion bash', run('completion', 'bash').stdout.includes('complete -F'))
}

const SHIPPED = [
  'bin/intremap',
  'share/man/man1/intremap.1.gz',
  'share/bash-completion/completions/intremap',
  'share/intremap/collect.sh',
  'share/doc/intremap/README.md',
]

/** @param {string} tree @param {boolean} there */
function expectFiles(tree, there) {
  const found = SHIPPED.filter((file) => existsSync(`${tree}/usr/${file}`))
  expect(there ? 'its files are there' : 'none of its files is left', found.length === (there ? SHIPPED.length : 0))
}

function collector(prefix, tree) {
  rmSync(`${tree}/tmp/collected.tar.gz`, { force: true })
  call(...prefix, 'sh', '/usr/share/intremap/collect.sh', '/tmp/collected.tar.gz')
  const { status } = measured(prefix, ['intremap', 'probe', '--bundle', '/tmp/collected.tar.gz'])
  expect('a bundle of collect.sh', [0, 1, 3].includes(status), `exit ${status}`)
  rmSync(`${tree}/tmp/collected.tar.gz`)
}

/**
 * A userland, made once.
 * @param {string} suite
 */
function bootstrapped(suite) {
  const tree = `${work}/${suite}`
  if (!existsSync(`${tree}/usr/bin/dpkg`) || existsSync(`${tree}/debootstrap`)) {
    rmSync(tree, { recursive: true, force: true })
    const mirror = UBUNTU[suite]
    const unchecked = mirror !== undefined && !existsSync('/usr/share/keyrings/ubuntu-archive-keyring.gpg')
    call(
      'debootstrap',
      '--variant=minbase',
      ...(unchecked ? ['--no-check-gpg'] : []),
      suite,
      tree,
      ...(mirror === undefined ? [] : [mirror]),
    )
  }
  return tree
}

/** Runs `body` while the tree shows this host's kernel, read-only. Its nodes of devices are those that debootstrap made. */
function mounted(tree, body) {
  const mounts = ['proc', 'sys']
  for (const name of mounts) {
    mkdirSync(`${tree}/${name}`, { recursive: true })
    call('mount', '-o', 'ro', '-t', name === 'sys' ? 'sysfs' : 'proc', name, `${tree}/${name}`)
  }
  try {
    body()
  } finally {
    for (const name of mounts.toReversed()) call('umount', `${tree}/${name}`)
  }
}

/** The same package with a later version. */
function laterDeb(file) {
  const folder = `${work}/later`
  rmSync(folder, { recursive: true, force: true })
  call('dpkg-deb', '-R', file, folder)
  const control = readFileSync(`${folder}/DEBIAN/control`, 'utf8')
  writeFileSync(
    `${folder}/DEBIAN/control`,
    control.replace(/^Version: .*$/m, (line) => `${line}+later`),
  )
  call('dpkg-deb', '-Znone', '--root-owner-group', '--build', folder, `${work}/later.deb`)
  rmSync(folder, { recursive: true })
  return `${work}/later.deb`
}

function tryDeb(suite) {
  const tree = bootstrapped(suite)
  const prefix = ['chroot', tree]
  mounted(tree, () => {
    const libc = call(...prefix, 'dpkg-query', '-W', '-f', '${Version}', 'libc6')
    const node = spawnSync('chroot', [tree, 'sh', '-c', 'command -v node']).status
    expect(`no Node.js, C library ${libc}`, node !== 0)
    copyFileSync(fileOf('_amd64.deb'), `${tree}/tmp/intremap.deb`)
    call(...prefix, 'dpkg', '-i', '/tmp/intremap.deb')
    expectFiles(tree, true)
    use([...prefix, 'intremap'])
    collector(prefix, tree)
    copyFileSync(laterDeb(fileOf('_amd64.deb')), `${tree}/tmp/intremap.deb`)
    call(...prefix, 'dpkg', '-i', '/tmp/intremap.deb')
    const version = call(...prefix, 'dpkg-query', '-W', '-f', '${Version}', 'intremap')
    expect('upgraded', version.endsWith('+later') && measured(prefix, ['intremap', '--version']).status === 0, version)
    call(...prefix, 'dpkg', '--purge', 'intremap')
    expectFiles(tree, false)
    rmSync(`${tree}/tmp/intremap.deb`)
  })
}

function tryRpm() {
  const tree = bootstrapped(FIRST)
  const file = fileOf('.x86_64.rpm')
  const rpm = (...words) => call('rpm', '--root', tree, '--dbpath', '/var/lib/rpm-of-trial', ...words)
  mounted(tree, () => {
    rpm('--initdb')
    // No package of this tree is an rpm: what it needs is compared with what is there by running it.
    rpm('-i', '--nodeps', '--ignorearch', file)
    expectFiles(tree, true)
    expect('verified', rpm('-V', '--nodeps', 'intremap') === '')
    use(['chroot', tree, 'intremap'])
    rpm('-U', '--nodeps', '--ignorearch', '--replacepkgs', file)
    expect('upgraded', measured(['chroot', tree], ['intremap', '--version']).status === 0, rpm('-q', 'intremap').trim())
    rpm('-e', '--nodeps', 'intremap')
    expectFiles(tree, false)
    rmSync(`${tree}/var/lib/rpm-of-trial`, { recursive: true, force: true })
  })
}

/** Unpacks without installing, through links like `lib`, which leads to `usr/lib`. */
function unpack(file, tree) {
  const input = execFileSync('dpkg-deb', ['--fsys-tarfile', file], { maxBuffer: 1 << 30 })
  execFileSync('tar', ['-x', '--keep-directory-symlink', '-C', tree], { input, stdio: ['pipe', 'ignore', 'pipe'] })
}

/** The libraries of arm64 and the package, unpacked: qemu runs the program and finds them there. */
function tryArm64() {
  const tree = `${work}/arm64`
  if (!existsSync(`${tree}/done`)) {
    rmSync(tree, { recursive: true, force: true })
    call('debootstrap', '--foreign', '--arch=arm64', '--variant=minbase', 'bookworm', tree)
    const packages = `${tree}/var/cache/apt/archives`
    for (const name of readdirSync(packages)) {
      if (/^lib(?:stdc\+\+6|gcc-s1)_/.test(name)) unpack(`${packages}/${name}`, tree)
    }
    writeFileSync(`${tree}/done`, '')
  }
  unpack(fileOf('_arm64.deb'), tree)
  expectFiles(tree, true)
  use(['qemu-aarch64-static', '-L', tree, `${tree}/usr/bin/intremap`])
}

for (const system of systems) {
  console.log(system)
  try {
    if (system === 'rpm') tryRpm()
    else if (system === 'arm64') tryArm64()
    else tryDeb(system)
  } catch (error) {
    expect('could be tried', false, (error instanceof Error ? error.message : String(error)).slice(0, 400))
  }
}
process.exitCode = failures === 0 ? 0 : 1
