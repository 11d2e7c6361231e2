import { mapFact, type Fact } from '../machine/fact.js'
import { parsePciAddress, type PciAddress } from '../machine/identifiers.js'
import type { ConfigurationSpace } from '../machine/pci.js'
import { damaged, parsed } from './attribute.js'

/** The way of a function's directory through `/sys/devices`. */
export interface DevicePath {
  /** `pci0000:00`. */
  readonly rootBusName: string
  /** Directory above the root bus, `devices/platform/4010000000.pcie`; empty where firmware's ACPI bridge has none. */
  readonly parentPath: string
  /** Components below the root bus, the function itself last. */
  readonly components: readonly string[]
}

const ROOT_BUS = /^pci([0-9a-f]{4,8}):([0-9a-f]{2})$/

/**
 * Takes the target of a `/sys/bus/pci/devices` entry apart. The last root bus counts: VMD's is below a function of
 * another. Unreadable where the target is no such way, or does not end with the function.
 */
export function parseDevicePath(target: Fact<string>, name: string): Fact<DevicePath> {
  return parsed(target, (text) => {
    const match = /^\.\.\/\.\.\/\.\.\/(devices\/.+)$/.exec(text)
    const parts = match?.[1]?.split('/')
    if (!parts || parts.at(-1) !== name || parts.includes('..')) return undefined
    const root = parts.findLastIndex((part) => ROOT_BUS.test(part))
    const rootBusName = parts[root]
    if (rootBusName === undefined) return undefined
    return {
      rootBusName,
      parentPath: root === 1 ? '' : parts.slice(0, root).join('/'),
      components: parts.slice(root + 1),
    }
  })
}

/** What the chain needs to know of a function. */
export interface TopologyMember {
  readonly address: PciAddress
  readonly configuration: Fact<ConfigurationSpace>
}

/** A VF may sit on a bus above the one that its PF's bridge names, for which there is no bridge (K: virtfn_add_bus). */
function busMatches(child: PciAddress, isVirtual: boolean, secondary: number, subordinate: number): boolean {
  return child.bus === secondary || (isVirtual && child.bus > secondary && child.bus <= subordinate)
}

/**
 * Names of the bridges above a function, nearest last. Each must be a listed function, and its secondary bus, as its
 * configuration space has it, the bus of the component below; the first sits on the root bus.
 */
export function upstreamOf(
  path: Fact<DevicePath>,
  isVirtual: boolean,
  memberOf: (name: string) => TopologyMember | undefined,
): Fact<readonly string[]> {
  if (path.state !== 'known') return path
  const { rootBusName, components } = path.value
  const [, segmentDigits = '', busDigits = ''] = ROOT_BUS.exec(rootBusName) ?? []
  const segment = Number.parseInt(segmentDigits, 16)
  let secondary = Number.parseInt(busDigits, 16)
  let subordinate = 0xff
  for (const [index, component] of components.entries()) {
    const member = memberOf(component)
    const address = member?.address ?? parsePciAddress(component)
    const isLast = index === components.length - 1
    if (!member || !address || address.segment !== segment) return damaged(path)
    if (!busMatches(address, isVirtual && isLast, secondary, subordinate)) return damaged(path)
    if (isLast) break
    if (member.configuration.state !== 'known') {
      // Nothing to compare with: the next component's own bus is all there is.
      const below = parsePciAddress(components[index + 1] ?? '')
      if (!below) return damaged(path)
      secondary = below.bus
      subordinate = 0xff
    } else {
      const { bridge, headerType } = member.configuration.value
      if (headerType === 0) return damaged(path, member.configuration)
      secondary = bridge?.secondaryBus ?? parsePciAddress(components[index + 1] ?? '')?.bus ?? -1
      subordinate = bridge?.subordinateBus ?? 0xff
    }
  }
  return mapFact(path, () => components.slice(0, -1))
}
