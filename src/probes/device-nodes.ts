import { known, unreadable, type Fact } from '../machine/fact.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { parsed, readLines, readNames, required } from './attribute.js'
import { WHOLE, type Coverage } from './coverage.js'

/**
 * Lines `TYPE MODE NUMBER PATH` or `absent - - PATH`, as captures list the nodes that they cannot hold. Undefined when a
 * line differs. Directories are no nodes.
 */
export function parseNodeList(lines: readonly string[]): ReadonlySet<string> | undefined {
  const nodes = new Set<string>()
  for (const line of lines) {
    const match = /^(chr|blk|dir|absent) (?:[0-7]{3,4}|-) (?:\d+:\d+|-) \/(dev\/[^\s]+)$/.exec(line)
    const [, type, path] = match ?? []
    if (type === undefined || path === undefined) return undefined
    if (type === 'chr' || type === 'blk') nodes.add(path)
  }
  return nodes
}

/**
 * Device nodes of VFIO, iommufd and KVM that exist, as `dev/vfio/vfio`. They are learnt from listings (from
 * `dev/nodes.txt` where a capture has one) and never opened. A container has a `/dev` of its own: what it lacks the
 * host may have.
 */
export function probeDeviceNodes(sysroot: Sysroot, { masked }: Coverage = WHOLE): Fact<ReadonlySet<string>> {
  const list = parsed(readLines(sysroot, 'dev', 'nodes.txt'), parseNodeList)
  if (list.state !== 'absent') return list
  const top = required(readNames(sysroot, 'dev'))
  if (top.state !== 'known') return top
  const nodes = new Set(['iommu', 'kvm'].filter((name) => top.value.includes(name)).map((name) => `dev/${name}`))
  if (!top.value.includes('vfio') && (masked || top.value.length === 0)) return unreadable('not-collected', ...top.from)
  if (!top.value.includes('vfio')) return known(nodes, ...top.from)
  for (const directory of ['dev/vfio', 'dev/vfio/devices']) {
    const names = readNames(sysroot, directory)
    if (names.state === 'unreadable') return unreadable(names.reason, ...names.from)
    if (names.state === 'absent') break
    for (const name of names.value) if (name !== 'devices') nodes.add(`${directory}/${name}`)
    if (!names.value.includes('devices')) break
  }
  return known(nodes, ...top.from)
}
