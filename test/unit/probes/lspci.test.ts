import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fact } from '../../../src/machine/fact.js'
import { decodeConfigurationSpace } from '../../../src/probes/pci-configuration-space.js'
import { CAPTURES, hasCaptures, hasLspci } from '../../support/outside.js'

const NAMES = [
  'arm-v3its-sriov-acpi-612',
  'arm-v3its-topo-acpi-612',
  'arm-v3its-topo-dt-72',
  'arm-v3its-noacs-acpi-612-q72',
  'arm-v3its-viommu-topo-dt-612',
  'arm-v2m-topo-dt-612',
  'rv-imsic-iommu-dt-lab',
  'x86-amd-ir-612',
  'x86-intel-ir-lab',
  'x86-intel-topo-612',
  'x86-viommu-612',
]

/** Capability titles as lspci writes them; the ids of those that the decoder knows. */
const TITLES: readonly (readonly [RegExp, string])[] = [
  [/^Express .*?Root Complex Integrated Endpoint/, 'pcie rc-integrated-endpoint'],
  [/^Express .*?Root Port/, 'pcie root-port'],
  [/^Express .*?Upstream Port/, 'pcie upstream-port'],
  [/^Express .*?Downstream Port/, 'pcie downstream-port'],
  [/^Express .*?PCI-Express to PCI\/PCI-X Bridge/, 'pcie pcie-to-pci-bridge'],
  [/^Express .*?Legacy Endpoint/, 'pcie legacy-endpoint'],
  [/^Express .*?Endpoint/, 'pcie endpoint'],
  [/^MSI: Enable\+ Count=\d+\/(\d+)/, 'msi on'],
  [/^MSI: Enable- Count=\d+\/(\d+)/, 'msi off'],
  [/^MSI-X: Enable\+ Count=(\d+)/, 'msix on'],
  [/^MSI-X: Enable- Count=(\d+)/, 'msix off'],
  [/^Enhanced Allocation/, 'enhancedAllocation'],
  [/^Access Control Services/, 'acs'],
  [/^Alternative Routing-ID Interpretation/, 'ari'],
  [/^Address Translation Service/, 'ats'],
  [/^Single Root I\/O Virtualization/, 'sriov'],
  [/^Page Request Interface/, 'pri'],
  [/^Process Address Space ID/, 'pasid'],
]

/** Function → `offset title`, of the known titles, in order. */
function lspciCapabilities(sysfs: string): Map<string, string[]> {
  const text = execFileSync('lspci', ['-A', 'linux-sysfs', '-O', `sysfs.path=${sysfs}/bus/pci`, '-D', '-vvv'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const functions = new Map<string, string[]>()
  let name = ''
  for (const line of text.split('\n')) {
    const header = /^([0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) /.exec(line)
    if (header) {
      name = header[1] ?? ''
      functions.set(name, [])
    }
    const capability = /^\tCapabilities: \[([0-9a-f]+)(?: v\d+)?\] (.*)$/.exec(line)
    const title = TITLES.find(([pattern]) => pattern.test(capability?.[2] ?? ''))
    if (!capability || !title) continue
    // QEMU's AMD IOMMU has two MSI capabilities; Linux uses the first of the list (K: pci_find_capability).
    const kind = title[1].split(' ')[0] ?? ''
    if (functions.get(name)?.some((found) => found.split(' ')[1] === kind)) continue
    const count = title[0].exec(capability[2] ?? '')?.[1]
    functions.get(name)?.push(`${capability[1]} ${title[1]}${count === undefined ? '' : ` ${count}`}`)
  }
  return functions
}

function ownCapabilities(config: Uint8Array): string[] {
  const decoded = decodeConfigurationSpace(config, 'function')
  if (decoded.state !== 'known') return ['unreadable']
  const space = decoded.value
  const title = <T extends { readonly offset: number }>(fact: Fact<T>, words: (value: T) => string) =>
    fact.state === 'known' ? [`${fact.value.offset.toString(16)} ${words(fact.value)}`] : []
  return [
    ...title(space.pcie, (value) => `pcie ${value.portType}`),
    ...title(space.msi, (value) => `msi ${value.enabled ? 'on' : 'off'} ${value.maximumVectors}`),
    ...title(space.msix, (value) => `msix ${value.enabled ? 'on' : 'off'} ${value.tableSize}`),
    ...title(space.enhancedAllocation, () => 'enhancedAllocation'),
    ...title(space.acs, () => 'acs'),
    ...title(space.ari, () => 'ari'),
    ...title(space.ats, () => 'ats'),
    ...title(space.sriov, () => 'sriov'),
    ...title(space.pri, () => 'pri'),
    ...title(space.pasid, () => 'pasid'),
  ]
}

const runs = hasCaptures && hasLspci
const title = runs
  ? 'finds the capabilities that lspci finds'
  : `SKIPPED, ${hasCaptures ? 'lspci is not installed' : 'the captures are not here'}: finds the capabilities that lspci finds`

describe.skipIf(!runs)(title, () => {
  const directory = mkdtempSync(join(tmpdir(), 'lspci-'))
  beforeAll(() => {
    for (const name of NAMES) {
      execFileSync('mkdir', [join(directory, name)])
      execFileSync('tar', ['-xzf', join(CAPTURES, `${name}.tar.gz`), '-C', join(directory, name)])
    }
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  it.each(NAMES)('in %s', (name) => {
    const sysfs = join(directory, name, 'sysroot/sys')
    const expected = lspciCapabilities(sysfs)
    expect([...expected.keys()].sort()).toEqual(readdirSync(join(sysfs, 'bus/pci/devices')).sort())
    for (const [address, capabilities] of expected) {
      const config = readFileSync(join(sysfs, 'bus/pci/devices', address, 'config'))
      expect([address, ...ownCapabilities(config).sort()]).toEqual([address, ...capabilities.sort()])
    }
  })
})
