import { compatibleOf } from '../../machine/devicetree.js'
import { absent, mapFact, type Fact } from '../../machine/fact.js'
import type { Machine } from '../../machine/machine.js'
import { nameText } from '../name-text.js'
import type { Report } from '../types.js'

/** What a device tree calls its board: the most specific of the root's names. */
function boardOf({ deviceTree }: Machine): Fact<string> {
  if (deviceTree.state !== 'known') return deviceTree
  const names = compatibleOf(deviceTree.value.root)
  return names.state === 'known' && names.value.length === 0
    ? absent(...names.from)
    : mapFact(names, ([name]) => name ?? '')
}

/** Which machine with which firmware it is, as far as that names nobody. */
export function machineReport(machine: Machine): Report['platform']['machine'] {
  const { dmi, firmware } = machine
  return {
    vendor: nameText(dmi.vendor),
    product: nameText(dmi.product.state === 'absent' ? boardOf(machine) : dmi.product),
    firmwareVersion: nameText(firmware.version),
    firmwareDate: nameText(firmware.date),
    firmwareFingerprint: nameText(firmware.fingerprint),
  }
}
