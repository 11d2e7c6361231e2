import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { CONTAINER_NODES, MASKED_DIRECTORIES, MASKED_FILES } from '../support/container.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const FIXTURES = join(ROOT, 'test/fixtures')

const manifestSchema = z.object({ listings: z.record(z.string(), z.array(z.string())) })

/** Whether this user may make a mount namespace and mount in it. */
const canMask = spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs none /mnt'], { stdio: 'ignore' }).status === 0
if (!canMask) console.log('skipped: no mount namespace for this user, so that no path can be masked')

/** Masks paths below `$1` as container runtimes do, takes `/dev` and the log away, and runs the rest of the arguments. */
const MASK = `
set -e
machine=$1; shift
for path in ${MASKED_DIRECTORIES.join(' ')}; do
  if [ -d "$machine/$path" ]; then mount -t tmpfs -o ro none "$machine/$path"; fi
done
for path in ${MASKED_FILES.join(' ')}; do
  if [ -f "$machine/$path" ]; then mount --bind /dev/null "$machine/$path"; fi
done
mkdir -p "$machine/dev"
mount -t tmpfs none "$machine/dev"
for name in ${CONTAINER_NODES.join(' ')}; do : > "$machine/dev/$name"; done
exec "$@"
`

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'intremap-masked-'))
})
afterAll(() => {
  rmSync(directory, { recursive: true, force: true })
})

/** The tree of a bundled machine, as a host has it: without a manifest, and its log where no container reads it. */
function treeOf(name: string): string {
  const tree = join(directory, name)
  mkdirSync(join(tree, 'bundle'), { recursive: true })
  execFileSync('tar', ['-xzf', join(FIXTURES, `${name}.tar.gz`), '-C', join(tree, 'bundle')])
  const machine = join(tree, 'machine')
  renameSync(join(tree, 'bundle/sysroot'), machine)
  // Names that a bundle holds in a listing only.
  const { listings } = manifestSchema.parse(JSON.parse(readFileSync(join(tree, 'bundle/manifest.json'), 'utf8')))
  for (const [path, names] of Object.entries(listings)) {
    for (const name of names) {
      const file = join(machine, path, name)
      if (lstatSync(file, { throwIfNoEntry: false }) === undefined) writeFileSync(file, '')
    }
  }
  rmSync(join(machine, 'var/log/dmesg'), { force: true })
  mkdirSync(join(machine, 'sys/firmware'), { recursive: true })
  mkdirSync(join(machine, 'proc'), { recursive: true })
  for (const file of ['proc/kcore', 'proc/keys']) writeFileSync(join(machine, file), 'secret\n')
  return machine
}

function masked(machine: string, ...words: readonly string[]): { status: number | null; stdout: string } {
  const intremap = [process.execPath, join(ROOT, 'bin/run.js'), 'probe', '--sysroot', machine, ...words]
  const { status, stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', MASK, 'sh', machine, ...intremap], {
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  return { status, stdout }
}

describe.runIf(canMask && existsSync(join(ROOT, 'dist')))('masked paths', () => {
  it.each(['x86-intel-ir-612', 'x86-amd-ir-612', 'arm-v3its-smmu-acpi-612', 'arm-v3its-smmu-dt-612', 'rk3588-rock-5b'])(
    'make %s unknown, never "not isolated", never without an IOMMU',
    (name) => {
      const machine = treeOf(name)
      const { status, stdout } = masked(machine)
      expect(status).toBe(3)
      expect(stdout).toContain('?? UNKNOWN')
      expect(stdout).not.toMatch(/NOT ISOLATED|No IOMMU stands before|no IOMMU stands before/)
      expect(stdout).toContain('Not collected: the ACPI tables; the device tree')
      expect(stdout).toMatch(/what\s+decides\s+that\s+is\s+masked/)
      expect(stdout).toMatch(/Mount\s+the\s+host's\s+\/sys/)
      expect(stdout).not.toMatch(/Run\s+intremap\s+as\s+root/)
      const json: unknown = JSON.parse(masked(machine, '--json').stdout)
      expect(json).toMatchObject({ summary: { verdict: 'unknown' } })
      expect(JSON.stringify(json)).not.toContain('"no-iommu"')
    },
  )
})
