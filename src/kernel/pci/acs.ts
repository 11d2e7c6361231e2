import { unreadable, type Fact } from '../../machine/fact.js'
import type { Answer } from '../../machine/kinds.js'
import { idsOf, type AcsCapability, type PciFunction } from '../../machine/pci.js'
import { bridgesAbove, isMultifunction, portTypeOf, type PciTopology, type PortType } from './pci-topology.js'
import { ACS_QUIRKS, SOURCE_VALIDATION_BROKEN, type AcsQuirk, type DeviceRanges } from './quirks/acs-quirks.js'
import { atLeast } from '../release.js'

/** SV, RR, CR and UF: what the kernel asks for before it keeps two devices in different groups. */
const REQUIRED_ACS_FLAGS = 0x1d
const SOURCE_VALIDATION = 0x01

/** What the ACS quirks need to know besides the function. */
export interface AcsContext {
  /** Whether the machine has an IVRS table: some AMD southbridge functions count as isolated only then. */
  readonly hasIvrs: Answer
}

type Ids = Exclude<ReturnType<typeof idsOf>, string>

/** Answer of a quirk; undefined when it says nothing and the next one is asked. */
type QuirkAnswer = Answer | undefined

function isListed(device: number, ranges: DeviceRanges): boolean {
  return ranges.some(([first, last]) => device >= first && device <= last)
}

function southbridge(topology: PciTopology, fn: PciFunction, context: AcsContext): QuirkAnswer {
  const bridges = bridgesAbove(topology, fn)
  const multifunction = isMultifunction(fn)
  if (multifunction === 'no' || context.hasIvrs === 'no' || (bridges && bridges.length > 0)) return undefined
  return bridges && multifunction === 'yes' && context.hasIvrs === 'yes' ? 'yes' : 'unknown'
}

/** The ACS capability; as much as unreadable where all of configuration space is. */
const acsOf = ({ configuration }: PciFunction): Fact<AcsCapability> =>
  configuration.state === 'known' ? configuration.value.acs : unreadable('io')

/**
 * A port of unknown type is of none, and is asked for its type again at the end of the table. That hides no `no`: rows
 * that may give one for some type stand behind all that say yes of the device.
 */
const isOneOf = (type: PortType, types: readonly PortType[]) => types.includes(type)

function quirkAnswer(
  topology: PciTopology,
  fn: PciFunction,
  device: number,
  quirk: AcsQuirk,
  context: AcsContext,
): QuirkAnswer {
  const type = portTypeOf(topology, fn)
  switch (quirk.kind) {
    case 'isolated':
      return 'yes'
    case 'isolated-as':
      return isOneOf(type, quirk.portTypes) ? 'yes' : undefined
    case 'listed-ports':
      if (!isOneOf(type, quirk.portTypes)) return undefined
      return isListed(device, quirk.devices) ? 'yes' : 'no'
    case 'listed-only':
      return isListed(device, quirk.devices) ? 'yes' : 'no'
    case 'amd-southbridge':
      return southbridge(topology, fn, context)
    case 'registers':
      if (type !== 'root-port' || !isListed(device, quirk.devices)) return undefined
      return quirk.needsAcsCapability && acsOf(fn).state === 'absent' ? undefined : 'unknown'
  }
}

/** Whether this kernel leaves Source Validation out of what a port can do, since the port drops completions with it. */
function withoutSourceValidation({ release }: PciTopology, ids: Ids): Answer {
  const { vendor, devices } = SOURCE_VALIDATION_BROKEN
  if (ids.vendor !== vendor || !devices.includes(ids.device) || (release && !atLeast(release, 7, 0))) return 'no'
  return release && atLeast(release, 7, 2) ? 'yes' : 'unknown'
}

/** What the port does not implement counts as in force. Source: K: drivers/pci/pci.c, `pci_acs_flags_enabled`. */
function flagsEnabled(topology: PciTopology, fn: PciFunction, ids: Ids): Answer {
  const acs = acsOf(fn)
  if (acs.state === 'absent') return 'no'
  if (acs.state === 'unreadable') return 'unknown'
  const required = REQUIRED_ACS_FLAGS & acs.value.capability
  const missing = required & ~acs.value.control
  if (missing !== SOURCE_VALIDATION) return missing === 0 ? 'yes' : 'no'
  return withoutSourceValidation(topology, ids)
}

/**
 * Whether a function has the ACS that isolation requires, in effect: by quirk, by its ACS control bits, or because its
 * kind needs none. What the quirk table of an older release lacks is not looked at.
 * Source: K: drivers/pci/pci.c, `pci_acs_enabled`; drivers/pci/quirks.c, `pci_dev_specific_acs_enabled`; pci-config.md
 * section 4.
 */
export function acsEnabled(topology: PciTopology, fn: PciFunction, context: AcsContext): Answer {
  const ids = idsOf(fn)
  if (typeof ids === 'string') return 'unknown'
  for (const { vendor, devices, quirk } of ACS_QUIRKS) {
    if (vendor !== ids.vendor || (devices.length > 0 && !devices.includes(ids.device))) continue
    const answer = quirkAnswer(topology, fn, ids.device, quirk, context)
    if (answer !== undefined) return answer
  }
  const type = portTypeOf(topology, fn)
  switch (type) {
    case 'unknown':
      return 'unknown'
    case 'conventional':
    case 'pcie-to-pci-bridge':
    case 'pci-to-pcie-bridge':
    case 'rc-event-collector':
      return 'no'
    case 'root-port':
    case 'downstream-port':
      return flagsEnabled(topology, fn, ids)
    case 'endpoint':
    case 'legacy-endpoint':
    case 'upstream-port':
    case 'rc-integrated-endpoint': {
      const multifunction = isMultifunction(fn)
      if (multifunction === 'no') return 'yes'
      const flags = flagsEnabled(topology, fn, ids)
      return multifunction === 'yes' || flags === 'yes' ? flags : 'unknown'
    }
    case 'reserved':
      return 'yes'
  }
}

/**
 * Whether every function from `start` up to the root bus has it. One that has not settles the answer.
 * Source: K: drivers/pci/pci.c, `pci_acs_path_enabled` with REQ_ACS_FLAGS up to the root.
 */
export function acsPathEnabled(topology: PciTopology, start: PciFunction, context: AcsContext): Answer {
  const above = bridgesAbove(topology, start)
  const answers = [start, ...(above ?? [])].map((fn) => acsEnabled(topology, fn, context))
  if (answers.includes('no')) return 'no'
  return above && !answers.includes('unknown') ? 'yes' : 'unknown'
}
