import { acsEnabled, type AcsContext } from '../../kernel/pci/acs.js'
import { claimedPortType, portTypeOf } from '../../kernel/pci/pci-topology.js'
import type { Provenance } from '../../machine/fact.js'
import type { Answer } from '../../machine/kinds.js'
import type { PciFunction } from '../../machine/pci.js'
import type { Route, RouteMap } from '../../routes/route.js'
import { groupKey } from './its-users.js'

const SOURCE_VALIDATION = 0x1

/** What a port does with RequesterIDs from below. */
export interface PortStanding {
  readonly validates: Answer
  readonly from: readonly Provenance[]
}

/** A port that claims to lead up and stands below one that does leads down. */
function leadsDown(map: RouteMap, port: PciFunction): boolean {
  const type = claimedPortType(port)
  if (type === 'root-port' || type === 'downstream-port') return true
  return type === 'upstream-port' && portTypeOf(map.context.topology, port) !== type
}

function validates(map: RouteMap, port: PciFunction, context: AcsContext): PortStanding {
  const { configuration } = port
  const type = claimedPortType(port)
  if (configuration.state !== 'known' || type === 'unknown') return { validates: 'unknown', from: configuration.from }
  // Only root ports and downstream ports have the check; the other bridges put their own RequesterID.
  if (!leadsDown(map, port)) return { validates: 'yes', from: [] }
  const { acs } = configuration.value
  const [place] = configuration.from
  if (acs.state === 'unreadable') return { validates: 'unknown', from: acs.from }
  if (acs.state === 'absent') {
    // Ports that the kernel trusts by their ids keep RequesterIDs apart without the capability.
    const trusted = acsEnabled(map.context.topology, port, context)
    return { validates: trusted, from: place ? [{ path: place.path, excerpt: 'no ACS capability' }] : [] }
  }
  const at = { offset: acs.value.offset + 6, length: 2 }
  const from = place ? [{ path: place.path, at, excerpt: `ACS control 0x${acs.value.control.toString(16)}` }] : []
  return { validates: (acs.value.control & SOURCE_VALIDATION) !== 0 ? 'yes' : 'no', from }
}

/** Answers for the ports of a machine, each worked out once. */
export class SourceValidation {
  private readonly standings = new Map<PciFunction, PortStanding>()
  /** Groups that have an endpoint, by segment. */
  private readonly groupsBySegment = new Map<number, Set<string>>()
  private readonly context: AcsContext

  private readonly map: RouteMap

  constructor(map: RouteMap) {
    this.map = map
    const { ivrs } = map.context.machine.acpi
    this.context = { hasIvrs: ivrs.state === 'known' ? 'yes' : ivrs.state === 'absent' ? 'no' : 'unknown' }
    for (const route of map.routes) {
      if (route.role !== 'endpoint') continue
      const { segment } = route.fn.address
      const groups = this.groupsBySegment.get(segment)
      if (groups) groups.add(groupKey(route))
      else this.groupsBySegment.set(segment, new Set([groupKey(route)]))
    }
  }

  /** Standing of a port or bridge above some function. */
  of(port: PciFunction): PortStanding {
    const known = this.standings.get(port)
    if (known) return known
    const standing = validates(this.map, port, this.context)
    this.standings.set(port, standing)
    return standing
  }

  /** Whether an endpoint of another group has a RequesterID that the function could send: any of its segment. */
  hasVictim(route: Route): boolean {
    const groups = this.groupsBySegment.get(route.fn.address.segment)
    return groups !== undefined && (groups.size > 1 || !groups.has(groupKey(route)))
  }
}
