import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { packTar, unpackTar } from 'modern-tar'
import { beforeAll, describe, expect, test } from 'vitest'
import { intremap, PACKAGE_ROOT } from './run-intremap.js'
import { temporaryDirectory } from '../support/temporary-directories.js'

/**
 * What `npm pack` would publish, unpacked as npm would install it; no script is run, so that the build of this checkout
 * is what is tested. Its dependencies are those of the checkout.
 */
function installedPackage(): string {
  const directory = temporaryDirectory()
  const packed = ['pack', '--ignore-scripts', '--silent', '--pack-destination', directory]
  execFileSync('npm', packed, { cwd: PACKAGE_ROOT, stdio: ['ignore', 'pipe', 'ignore'] })
  const [tarball = ''] = readdirSync(directory)
  execFileSync('tar', ['-xzf', join(directory, tarball), '-C', directory])
  const root = join(directory, 'package')
  symlinkSync(join(PACKAGE_ROOT, 'node_modules'), join(root, 'node_modules'))
  return root
}

const bundleOf = (root: string, name: string) => join(root, 'test/fixtures', `${name}.tar.gz`)

/** Rewrites a file beside the machine in a bundle. */
async function edit(bundle: string, file: string, change: (text: string) => string): Promise<void> {
  const entries = await unpackTar(gunzipSync(readFileSync(bundle)))
  const edited = entries.map((entry) => {
    if (entry.header.name !== file || !entry.data) return entry
    const before = new TextDecoder().decode(entry.data)
    const data = new TextEncoder().encode(change(before))
    expect(new TextDecoder().decode(data)).not.toBe(before)
    return { header: { ...entry.header, size: data.length }, data }
  })
  writeFileSync(bundle, gzipSync(await packTar(edited)))
}

describe('selftest of an installed package', () => {
  let root = ''
  beforeAll(() => {
    root = installedPackage()
  })
  // Without variables of a proxy or a registry, in an empty directory: nothing but the package is there.
  const run = (...words: string[]) => intremap(['selftest', ...words], { root })

  test('is green for all machines', async () => {
    const { exitCode, stdout, stderr } = await run()
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(
      /\d+ of \d+ answers agree on \d+ machines; 0 undecided, 15 lowered by rules\.\nNone contradicts\.\n$/,
    )
    // VT-d that verifies no source id; a conventional function in three topologies, and four that msi-map-mask merges
    // (the host bridge beside them is no endpoint).
    const by = (rule: string) => stdout.split(`: not-isolated by ${rule}\n`).length - 1
    expect([by('IR004'), by('IR101')]).toEqual([8, 3 + 4])
  })

  test('lists the machines, and all kinds of them', async () => {
    const { exitCode, stdout } = await run('--list', '--json')
    expect(exitCode).toBe(0)
    const kinds = [...stdout.matchAll(/"kind": "(\w+)"/g)].map(([, kind]) => kind)
    expect(kinds.length).toBeGreaterThanOrEqual(40)
    expect(new Set(kinds)).toEqual(new Set(['captured', 'emulated']))
    expect(stdout).not.toContain('"about": ""')
    const text = await run('--list')
    expect(text.stdout.split('\n').length - 1).toBe(kinds.length)
  })

  test('takes names, and knows those that are not there', async () => {
    const some = await run('x86-amd-ir-612', 'gicv5-its', '--json')
    expect(some.exitCode).toBe(0)
    expect(JSON.parse(some.stdout)).toMatchObject({
      schema: 'intremap/selftest',
      machines: [
        { name: 'x86-amd-ir-612', passed: true },
        { name: 'gicv5-its', passed: true },
      ],
      passed: true,
    })
    expect((await run('x86-amd-ir-612', 'no-such-machine')).exitCode).toBe(66)
    expect((await run('../../package')).exitCode).toBe(66)
    expect((await run('--nonsense')).exitCode).toBe(64)
  })

  test('is red when one answer of a kernel is another', async () => {
    const name = 'arm-v3its-smmu-dt-lab'
    const flip = (text: string) =>
      text.replace(
        '"msi_device_has_isolated_msi(0000:00:02.0)": true',
        '"msi_device_has_isolated_msi(0000:00:02.0)": false',
      )
    await edit(bundleOf(root, name), 'oracle.json', flip)
    const { exitCode, stdout } = await run(name)
    expect(exitCode).toBe(1)
    expect(stdout).toContain('DIFFERS    0000:00:02.0: device predicate is yes, expected no')
    expect((await run()).exitCode).toBe(1)
  })

  test('is red when one expectation is another, or gone, or no JSON', async () => {
    const name = 'rk3588-rock-5b'
    await edit(bundleOf(root, name), 'machine.json', (text) => text.replace('"refuses/EINVAL"', '"accepts/none"'))
    const other = await run(name)
    expect([other.exitCode, other.stdout.includes('expected accepts/none')]).toEqual([1, true])
    await edit(bundleOf(root, name), 'machine.json', (text) => text.replace('"expected"', '"unexpected"'))
    const gone = await run(name)
    expect([gone.exitCode, gone.stdout.includes('nothing is known')]).toEqual([1, true])
    await edit(bundleOf(root, name), 'machine.json', (text) => text.slice(1))
    const broken = await run(name)
    expect([broken.exitCode, broken.stdout.includes('no JSON')]).toEqual([1, true])
  })

  test('probe --emulated shows the same machines', async () => {
    const { exitCode, stdout } = await intremap(['probe', '--json', '--emulated', 'ampere-altra-server'], { root })
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ source: { kind: 'emulated', name: 'ampere-altra-server' } })
  })
})
