import { formatPciAddress, parsePciAddress } from '../machine/identifiers.js'

const SHORT = /^(?:([0-9a-f]{1,8}):)?([0-9a-f]{1,2}):([01]?[0-9a-f])\.([0-7])$/i

/**
 * The report's spelling of an address as lspci writes it (`01:00.0` is segment 0), or as `lspci -s` takes it, without
 * leading zeros (`0:3.0`); undefined when it is no address.
 */
export function canonicalDeviceAddress(text: string): string | undefined {
  const [, segment = '0', bus = '', device = '', fn = ''] = SHORT.exec(text) ?? []
  const address = parsePciAddress(
    `${segment.padStart(4, '0')}:${bus.padStart(2, '0')}:${device.padStart(2, '0')}.${fn}`,
  )
  return address && formatPciAddress(address)
}
