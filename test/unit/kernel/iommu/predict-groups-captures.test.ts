import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dmaAliases } from '../../../../src/kernel/pci/dma-alias.js'
import { iortStreamIds } from '../../../../src/kernel/iort/iort-iommu.js'
import { ofPciIommu } from '../../../../src/kernel/devicetree/of-iommu.js'
import { buildPciTopology, type PciTopology } from '../../../../src/kernel/pci/pci-topology.js'
import {
  predictGroups,
  type GroupPrediction,
  type StreamOwnership,
} from '../../../../src/kernel/iommu/predict-groups.js'
import { parseRelease } from '../../../../src/kernel/release.js'
import { walkNodes } from '../../../../src/machine/devicetree.js'
import type { Machine } from '../../../../src/machine/machine.js'
import type { PciFunction } from '../../../../src/machine/pci.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { openBundle } from '../../../../src/sysroot/bundle-sysroot.js'
import { CAPTURES, hasCaptures } from '../../../support/outside.js'

const names = hasCaptures ? readdirSync(CAPTURES).filter((name) => name.endsWith('.tar.gz')) : []
if (names.length === 0) console.log(`no captures in ${CAPTURES}: group prediction was not compared with real machines`)

interface OracleDevice {
  readonly bdf: string
  readonly group_devices: readonly string[]
  readonly note: string | null
  readonly bind_vfio_pci: { readonly errno: number } | null
}
function isOracle(value: unknown): value is { readonly devices: readonly OracleDevice[] } {
  return typeof value === 'object' && value !== null && 'devices' in value && Array.isArray(value.devices)
}

interface Capture {
  readonly machine: Machine
  readonly topology: PciTopology
  /** By function name, of the functions that have one. */
  readonly groups: ReadonlyMap<string, string>
  readonly context: { readonly hasIvrs: 'yes' | 'no' }
  readonly oracle: readonly OracleDevice[]
}

async function open(name: string): Promise<Capture> {
  const bundle = await openBundle(Uint8Array.from(readFileSync(`${CAPTURES}/${name}`)), name)
  const machine = probeMachine(bundle.sysroot)
  const release = machine.kernel.release.state === 'known' ? parseRelease(machine.kernel.release.value) : undefined
  const functions = machine.functions.state === 'known' ? machine.functions.value : []
  const groups = functions.flatMap((fn) =>
    fn.iommuGroup.state === 'known' ? [[fn.name, fn.iommuGroup.value] as const] : [],
  )
  const text = new TextDecoder().decode(bundle.extras.get('oracle.json'))
  const oracle: unknown = JSON.parse(text)
  if (!isOracle(oracle)) throw new Error(`${name}: no devices in oracle.json`)
  return {
    machine,
    topology: buildPciTopology(functions, release),
    groups: new Map(groups),
    context: { hasIvrs: machine.acpi.ivrs.state === 'known' ? 'yes' : 'no' },
    oracle: oracle.devices,
  }
}

/** StreamIDs at an SMMUv3, from the machine's own tables or tree. */
function streamsOf({ machine, topology }: Capture, fn: PciFunction): StreamOwnership | 'none' | 'unknown' {
  const aliases = dmaAliases(topology, fn)
  if (aliases.kind === 'unknown') return 'unknown'
  const ids = aliases.aliases.map(({ requesterId }) => requesterId)
  if (machine.acpi.iort.state === 'known') {
    const found = iortStreamIds(machine.acpi.iort.value, fn.address.segment, ids, topology.release)
    if (found.kind !== 'streams') return 'none'
    return { iommu: `${found.smmu.offset}`, streamIds: found.streamIds }
  }
  if (machine.deviceTree.state !== 'known') return 'none'
  const tree = machine.deviceTree.value
  const bridge = [...walkNodes(tree.root)].find((node) => node.name.startsWith('pcie@'))
  const found = bridge && ofPciIommu(tree, bridge, ids, topology.release)
  if (found?.kind !== 'iommu' || !found.target.name.startsWith('smmuv3')) return 'none'
  return { iommu: found.target.path, streamIds: found.streamIds }
}

/** Groups as sets of members, in order. */
function partition(members: Iterable<readonly string[]>): readonly string[] {
  return [...new Set([...members].map((group) => group.toSorted().join(' ')))].sort()
}

function membersOf(prediction: GroupPrediction): readonly string[] {
  return prediction.kind === 'new' || prediction.kind === 'joins' ? prediction.members : []
}

const counts = { machines: 0, equal: 0, functions: 0, joined: 0, joinedEqual: 0, refused: 0 }

describe.skipIf(names.length === 0)(`captured machines (${names.length} in ${CAPTURES})`, () => {
  it.each(names)('%s', async (name) => {
    const capture = await open(name)
    const { topology, groups, context } = capture
    const release = topology.release
    expect(release).toBeDefined()

    // From nothing, in address order: exactly the groups of sysfs.
    const replayed = predictGroups(topology, {
      groups: new Map(),
      joining: [...groups.keys()],
      streamsOf: (fn) => streamsOf(capture, fn),
      context,
    })
    const seen = new Map<string, string[]>()
    for (const [fn, group] of groups) seen.set(group, [...(seen.get(group) ?? []), fn])
    expect(partition([...replayed.values()].map(membersOf))).toEqual(partition(seen.values()))
    counts.machines += 1
    counts.equal += 1
    counts.functions += groups.size

    // Those that the laboratory bound to vfio-pci later, and one that never got a group although it is described.
    const joined = capture.oracle.filter(({ note }) => note?.startsWith('not in a group at capture time') === true)
    const refusable = capture.oracle.filter(
      ({ bdf, bind_vfio_pci: bind }) => !groups.has(bdf) && bind?.errno === 22 && !joined.some((at) => at.bdf === bdf),
    )
    const describedStill = refusable.filter(({ bdf }) => {
      const fn = topology.byName.get(bdf)
      const streams = fn ? streamsOf(capture, fn) : 'none'
      return streams !== 'none' && streams !== 'unknown'
    })
    const predicted = predictGroups(topology, {
      groups,
      joining: [...joined, ...describedStill].map(({ bdf }) => bdf),
      streamsOf: (fn) => streamsOf(capture, fn),
      context,
    })
    for (const { bdf, group_devices: members } of joined) {
      const prediction = predicted.get(bdf)
      expect([bdf, prediction && membersOf(prediction)]).toEqual([bdf, members.toSorted()])
      counts.joined += 1
      counts.joinedEqual += 1
    }
    for (const { bdf } of describedStill) {
      expect(predicted.get(bdf)).toMatchObject({ kind: 'refused' })
      counts.refused += 1
    }
  })

  it('are counted', () => {
    console.log(
      `groups of sysfs reproduced on ${counts.equal}/${names.length} machines (${counts.functions} functions); ` +
        `later joiners foretold: ${counts.joinedEqual}; refusals foretold: ${counts.refused}`,
    )
    expect(counts.equal).toBe(names.length)
    expect(counts.joined).toBeGreaterThan(0)
    expect(counts.refused).toBeGreaterThan(0)
  })
})
