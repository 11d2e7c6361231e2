import { iortStreamId, iortStreamIds, laterRootComplexToSmmu } from '../../kernel/iort/iort-iommu.js'
import { NEWEST_RELEASE } from '../../kernel/release.js'
import type { IortTable } from '../../machine/iort.js'
import type { Provenance } from '../../machine/fact.js'
import type { Route, RouteMap } from '../../routes/route.js'
import { DeviceItems, type DeviceRemark } from '../device-items.js'
import { NOT_APPLICABLE, PASS, type Outcome, type Rule, type Subject } from '../rule.js'

const IORT = 'sys/firmware/acpi/tables/IORT'

interface Hidden {
  readonly remark: DeviceRemark
  readonly from: readonly Provenance[]
}

/** A root complex node that Linux does not look at and that leads this function to an SMMU. */
function laterNode(map: RouteMap, table: IortTable, route: Route, requesterId: number): Hidden | undefined {
  const { segment } = route.fn.address
  const node = laterRootComplexToSmmu(table, segment, requesterId, map.context.release)
  return (
    node && {
      remark: { message: 'later-root-complex', details: { segment: String(segment) } },
      from: [{ path: IORT, at: { offset: node.offset, length: node.length } }],
    }
  )
}

/** A mapping that newer releases take and this one does not, by how it counts the last ID. */
function lastId(map: RouteMap, table: IortTable, route: Route, requesterId: number): Hidden | undefined {
  const { segment } = route.fn.address
  const asNow = iortStreamId(table, segment, requesterId, map.context.release)
  // Its rules take the last ID of a mapping, and one past it where firmware miscounts.
  const asNewest = iortStreamId(table, segment, requesterId, NEWEST_RELEASE)
  if (asNow.kind !== 'none' || asNewest.kind !== 'stream') return undefined
  const from = asNewest.path.map(({ mapping }) => ({ path: IORT, at: { offset: mapping.offset, length: 20 } }))
  return { remark: { message: 'last-id', details: { release: map.context.release?.text ?? '' } }, from }
}

function hiddenIn(map: RouteMap, table: IortTable, route: Route): Hidden | undefined {
  if (route.requesterIds === 'unknown' || route.iommu.described.state === 'undecided') return undefined
  if (route.iommu.described.value !== 'none') return undefined
  const { segment } = route.fn.address
  if (iortStreamIds(table, segment, route.requesterIds, map.context.release).kind !== 'none') return undefined
  for (const requesterId of route.requesterIds) {
    if (iortStreamId(table, segment, requesterId, map.context.release).kind !== 'none') continue
    return laterNode(map, table, route, requesterId) ?? lastId(map, table, route, requesterId)
  }
  return undefined
}

function check({ machine, routes }: Subject): Outcome {
  const { iort } = machine.acpi
  if (iort.state !== 'known' || routes.routes.length === 0) return NOT_APPLICABLE
  const items = new DeviceItems()
  for (const route of routes.routes) {
    const hidden = hiddenIn(routes, iort.value, route)
    if (hidden) items.add(route.fn.name, hidden.remark, hidden.from)
  }
  return { ...PASS, failed: items.list() }
}

export const hiddenByFirmware: Rule = {
  id: 'IR119',
  slug: 'hidden-by-firmware',
  title: 'Firmware describes the device where Linux does not look',
  scope: 'device',
  severity: 'medium',
  effect: 'none',
  checks:
    'For every function without an SMMU in IORT: whether a later root complex node of its segment, or the last ID of a mapping as newer kernels count it, would give it one.',
  why: 'The device is then left without translation although the hardware has it, and its verdict is the one of rule IR105. Linux uses the first root complex node of a segment only.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Put all ID mappings of a PCI segment into one root complex node, with the number of IDs minus one as the count.',
    },
    { actor: 'kernel', text: 'Use Linux 5.8 or later, which takes the last ID of a mapping.' },
  ],
  limits: 'Only the way to an SMMU is looked at, and only for functions that are here.',
  references: [
    { kind: 'linux', title: 'Linux, IORT', locator: 'drivers/acpi/arm64/iort.c: iort_find_dev_node, iort_id_map' },
    { kind: 'specification', title: 'Arm DEN 0049, IO remapping table', locator: 'Root complex node; ID mapping' },
  ],
  outcomes: ['pass', 'fail', 'not-applicable'],
  messages: {
    'later-root-complex':
      'IORT maps {devices} in a second root complex node of segment {segment}, which Linux does not look at.',
    'last-id': 'IORT maps {devices} with the last ID of a mapping, which Linux {release} leaves out.',
  },
  check,
}
