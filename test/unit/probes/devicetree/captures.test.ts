import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { walkNodes, type DeviceTreeNode } from '../../../../src/machine/devicetree.js'
import { parseDeviceTreeBlob } from '../../../../src/probes/devicetree/blob.js'
import { DEVICE_TREE_BLOB, probeDeviceTree } from '../../../../src/probes/devicetree/tree.js'
import { everyProperty } from '../../../../src/probes/devicetree/wanted-properties.js'
import { openBundle } from '../../../../src/sysroot/bundle-sysroot.js'
import { CAPTURES, hasCaptures } from '../../../support/outside.js'

/** Name and machine of each capture with a boot blob: a name may say `dt` of a machine that booted with ACPI. */
const machines = hasCaptures
  ? readdirSync(CAPTURES)
      .filter((name) => /-dt-.*\.tar\.gz$/.test(name))
      .map(async (name) => ({ name, sysroot: (await openBundle(readFileSync(`${CAPTURES}/${name}`), name)).sysroot }))
  : []
const booted = (await Promise.all(machines)).filter(({ sysroot }) => sysroot.bytes(DEVICE_TREE_BLOB).state !== 'absent')

/** Paths with properties as hexadecimal, whatever their order. */
function contents(root: DeviceTreeNode): Record<string, Record<string, string>> {
  const properties = (node: DeviceTreeNode) =>
    [...node.properties].map(([name, fact]): [string, string] => [
      name,
      fact.state === 'known' ? Buffer.from(fact.value).toString('hex') : fact.state,
    ])
  return Object.fromEntries([...walkNodes(root)].map((node) => [node.path, Object.fromEntries(properties(node))]))
}

const title = booted.length > 0 ? `${booted.length} captures` : 'captures (not run: none here)'
describe.skipIf(booted.length === 0)(`${title}: the running kernel's tree and its boot blob`, () => {
  test.each(booted)('$name: the same nodes and properties, nothing contradicts', ({ sysroot }) => {
    const tree = probeDeviceTree(sysroot, everyProperty)
    const bytes = sysroot.bytes(DEVICE_TREE_BLOB)
    if (tree.state !== 'known' || bytes.state !== 'known') throw new Error(`${tree.state} tree, ${bytes.state} blob`)
    expect(tree.value).toMatchObject({ complete: true, disagreements: [] })
    const blob = parseDeviceTreeBlob(bytes.value, DEVICE_TREE_BLOB)
    const { '/chosen': chosen = {}, ...rest } = contents(tree.value.root)
    const { '/chosen': bootChosen = {}, ...bootRest } = blob.tree ? contents(blob.tree.root) : {}
    expect(Object.keys(rest).length).toBeGreaterThan(30)
    expect(rest).toEqual(bootRest)
    // The kernel wipes seeds.
    const seeds = new Set(['rng-seed', 'kaslr-seed'])
    const lasting = (entries: Record<string, string>) =>
      Object.keys(entries)
        .filter((key) => !seeds.has(key))
        .sort()
    expect(lasting(chosen)).toEqual(lasting(bootChosen))
  })
})
