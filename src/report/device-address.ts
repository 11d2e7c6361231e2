import { formatPciAddress, parsePciAddress } from '../machine/identifiers.js'

/** The report's spelling of an address as lspci writes it (`01:00.0` is segment 0); undefined when it is no address. */
export function canonicalDeviceAddress(text: string): string | undefined {
  const address = parsePciAddress(text)
  return address && formatPciAddress(address)
}
