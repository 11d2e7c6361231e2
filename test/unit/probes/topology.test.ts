import { describe, expect, it } from 'vitest'
import { known, unreadable, type Fact } from '../../../src/machine/fact.js'
import { parsePciAddress } from '../../../src/machine/identifiers.js'
import type { ConfigurationSpace } from '../../../src/machine/pci.js'
import { decodeConfigurationSpace } from '../../../src/probes/pci-configuration-space.js'
import { parseDevicePath, upstreamOf, type TopologyMember } from '../../../src/probes/pci-topology.js'

const pathOf = (target: string, name: string) => parseDevicePath(known(target, { path: 'x' }), name)

/** A header of type 1 with the given buses, or of type 0. */
function header(buses?: readonly [number, number]): Fact<ConfigurationSpace> {
  const bytes = new Uint8Array(64)
  if (buses) {
    bytes[0x0e] = 1
    bytes.set(buses, 0x19)
  }
  return decodeConfigurationSpace(bytes, 'function')
}

function members(
  configurations: Readonly<Record<string, Fact<ConfigurationSpace>>>,
): (name: string) => TopologyMember | undefined {
  return (name) => {
    const address = parsePciAddress(name)
    const configuration = configurations[name]
    return address && configuration ? { address, configuration } : undefined
  }
}

describe('parseDevicePath', () => {
  it.each([
    ['../../../devices/pci0000:00/0000:00:01.0', '0000:00:01.0', 'pci0000:00', '', ['0000:00:01.0']],
    [
      '../../../devices/platform/4010000000.pcie/pci0000:00/0000:00:01.0/0000:01:00.0',
      '0000:01:00.0',
      'pci0000:00',
      'devices/platform/4010000000.pcie',
      ['0000:00:01.0', '0000:01:00.0'],
    ],
    // VMD: the domain's root bus is below a function of another.
    [
      '../../../devices/pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:1c.0',
      '10000:e0:1c.0',
      'pci10000:e0',
      'devices/pci0000:00/0000:00:0e.0',
      ['10000:e0:1c.0'],
    ],
  ])('takes %s apart', (target, name, rootBusName, parentPath, components) => {
    expect(pathOf(target, name)).toMatchObject({ value: { rootBusName, parentPath, components } })
  })

  it.each([
    ['../../../devices/pci0000:00/0000:00:01.', '0000:00:01.0'],
    ['../../../devices/0000:00:01.0', '0000:00:01.0'],
    ['../../../devices/pci0000:00/../pci0000:01/0000:00:01.0', '0000:00:01.0'],
    ['/sys/devices/pci0000:00/0000:00:01.0', '0000:00:01.0'],
  ])('refuses %s', (target, name) => {
    expect(pathOf(target, name)).toMatchObject({ state: 'unreadable', reason: 'malformed' })
  })
})

describe('upstreamOf', () => {
  const path = pathOf('../../../devices/pci0000:00/0000:00:01.0/0000:05:10.0', '0000:05:10.0')
  const upstream = (port: Fact<ConfigurationSpace>, isVirtual: boolean) =>
    upstreamOf(path, isVirtual, members({ '0000:00:01.0': port, '0000:05:10.0': header() }))

  it('names the bridges whose secondary bus is the bus below', () => {
    expect(upstream(header([5, 5]), false)).toMatchObject({ state: 'known', value: ['0000:00:01.0'] })
    expect(upstream(header([4, 5]), false)).toMatchObject({ state: 'unreadable' })
  })

  it('lets a VF sit on a bus above the secondary one, up to the subordinate', () => {
    expect(upstream(header([4, 5]), true)).toMatchObject({ state: 'known', value: ['0000:00:01.0'] })
    expect(upstream(header([3, 4]), true)).toMatchObject({ state: 'unreadable' })
    expect(upstream(header([6, 7]), true)).toMatchObject({ state: 'unreadable' })
  })

  it('does not take an endpoint for a bridge, and cannot compare with what it could not read', () => {
    expect(upstream(header(), false)).toMatchObject({ state: 'unreadable' })
    expect(upstream(unreadable('permission'), false)).toMatchObject({ state: 'known', value: ['0000:00:01.0'] })
  })

  it('needs the segment and bus of the root bus', () => {
    const onRoot = (target: string, name: string) =>
      upstreamOf(pathOf(target, name), false, members({ [name]: header() }))
    expect(onRoot('../../../devices/pci0000:40/0000:40:00.0', '0000:40:00.0')).toMatchObject({ value: [] })
    expect(onRoot('../../../devices/pci0000:40/0000:41:00.0', '0000:41:00.0')).toMatchObject({ state: 'unreadable' })
    expect(onRoot('../../../devices/pci0001:40/0000:40:00.0', '0000:40:00.0')).toMatchObject({ state: 'unreadable' })
  })
})
