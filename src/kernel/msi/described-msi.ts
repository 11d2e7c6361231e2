import type { Provenance } from '../../machine/fact.js'
import { requesterIdOf } from '../../machine/identifiers.js'
import { isIts, type Answer } from '../../machine/kinds.js'
import type { PciFunction } from '../../machine/pci.js'
import type { KernelContext } from '../context.js'
import { decided, undecided, type Decision } from '../decision.js'
import { dmaAliases, msiRequesterId } from '../pci/dma-alias.js'
import type { MsiController } from './msi-controller.js'

/** The MSI domain that firmware and kernel rules give a function. */
export interface DescribedMsi {
  /** Undefined: no MSI domain at all, or the architecture's own. */
  readonly controller: MsiController | undefined
  /** Whether that domain carries the flag; `no` without a domain. */
  readonly payloadChecked: Answer
  /** The architecture checks every MSI, whatever takes it (s390x). */
  readonly isConstant?: boolean
  /** DeviceID under which an ITS sees the function; undefined where the controller has none. */
  readonly deviceId: number | undefined
  /** A map is there that does not hold the function: its DeviceID is the RequesterID only because Linux takes it so. */
  readonly deviceIdGuessed?: boolean
  readonly from: readonly Provenance[]
}

/** A DeviceID, and whether no map says it. */
export interface DeviceIdAt {
  readonly id: number
  readonly guessed: boolean
}

/** What firmware and kernel rules lead to, or why that cannot be told. */
export type Described = Decision<DescribedMsi>

/** No MSI domain. */
export const none = (from: readonly Provenance[]): Described =>
  decided({ controller: undefined, payloadChecked: 'no', deviceId: undefined, from }, from)

/** A controller that nobody described and that checks no sender, as every one of such machines. */
export function takenUnchecked(key: string, from: readonly Provenance[]): Described {
  const controller: MsiController = {
    key,
    kind: 'other',
    id: 'unknown',
    address: undefined,
    doorbell: undefined,
    node: undefined,
    payloadChecked: 'no',
    preIts: 'no',
    registered: 'yes',
    probed: 'unknown',
    from,
  }
  return decided({ controller, payloadChecked: 'no', deviceId: undefined, from }, from)
}

/** Linux's use of a described controller: none where it is not registered, open where that cannot be told. */
export function served(
  controller: MsiController,
  deviceId: DeviceIdAt | undefined,
  from: readonly Provenance[],
): Described {
  const places = [...from, ...controller.from]
  if (controller.registered === 'no') return none(places)
  if (controller.registered === 'unknown') return undecided('unreadable', places)
  const at = isIts(controller.kind) ? deviceId : undefined
  return decided(
    {
      controller,
      payloadChecked: controller.payloadChecked,
      deviceId: at?.id,
      ...(at?.guessed === true ? { deviceIdGuessed: true } : {}),
      from: places,
    },
    places,
  )
}

/** RequesterID that the MSI lookup starts from. Source: kernel-decision.md 3.2, pci_msi_get_device_domain. */
export function msiRequesterIdOf(context: KernelContext, fn: PciFunction): Decision<number> {
  const aliases = dmaAliases(context.topology, fn)
  if (aliases.kind === 'unknown') return undecided('unreadable', aliases.at.configuration.from)
  return decided(msiRequesterId(requesterIdOf(fn.address), aliases.aliases))
}
