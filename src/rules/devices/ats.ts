import { iortSupportsAts } from '../../kernel/iort/iort-iommu.js'
import { rootComplexesOf } from '../../kernel/iort/iort-walk.js'
import { ofSupportsAts } from '../../kernel/devicetree/of-iommu.js'
import { bridgesAbove } from '../../kernel/pci/pci-topology.js'
import type { Answer } from '../../machine/kinds.js'
import type { Provenance } from '../../machine/fact.js'
import type { Route, RouteMap } from '../../routes/route.js'

/** ACS control bit 1: the port blocks requests that come translated already. */
const TRANSLATION_BLOCKING = 0x2

/** Whether the root complex takes translated requests: on Arm firmware says so, elsewhere the IOMMU's driver decides. */
function rootComplexTakesThem(map: RouteMap, route: Route): Answer {
  const { described } = route.iommu
  if (described.state === 'undecided' || described.value === 'none') return 'unknown'
  const { source, bridgeNode } = described.value
  if (bridgeNode) {
    const supported = ofSupportsAts(bridgeNode)
    return supported.state === 'known' ? (supported.value ? 'yes' : 'no') : 'unknown'
  }
  const { iort } = map.context.machine.acpi
  if (source !== 'iort' || iort.state !== 'known') return 'yes'
  const [rootComplex] = rootComplexesOf(iort.value, route.fn.address.segment)
  return rootComplex && !iortSupportsAts(rootComplex) ? 'no' : 'yes'
}

/** A port above with translation blocking turned on. */
function isBlocked(map: RouteMap, route: Route): boolean {
  return (bridgesAbove(map.context.topology, route.fn) ?? []).some(({ configuration }) => {
    const acs = configuration.state === 'known' ? configuration.value.acs : undefined
    return acs?.state === 'known' && (acs.value.control & TRANSLATION_BLOCKING) !== 0
  })
}

export interface AtsReach {
  /** Whether the function may send requests that the IOMMU does not translate. */
  readonly answer: Answer
  readonly from: readonly Provenance[]
}

/** ATS of a function behind an IOMMU: enabled, taken by the root complex, and stopped by no port above. */
export function atsReach(map: RouteMap, route: Route): AtsReach {
  const { configuration } = route.fn
  const no: AtsReach = { answer: 'no', from: [] }
  if (route.iommu.kind === 'none' || rootComplexTakesThem(map, route) === 'no') return no
  if (configuration.state !== 'known') return { answer: 'unknown', from: configuration.from }
  const { ats } = configuration.value
  if (ats.state === 'absent' || (ats.state === 'known' && !ats.value.enabled)) return no
  if (isBlocked(map, route)) return no
  if (ats.state === 'unreadable') return { answer: 'unknown', from: ats.from }
  const [place] = configuration.from
  const control = { offset: ats.value.offset + 6, length: 2 }
  return { answer: 'yes', from: place ? [{ path: place.path, at: control, excerpt: 'ATS control, bit 15 set' }] : [] }
}
