import type { IortTable } from '../../machine/iort.js'
import type { PciFunction } from '../../machine/pci.js'
import type { KernelContext } from '../context.js'
import { doubtOf, undecided } from '../decision.js'
import { none, served, type Described } from './described-msi.js'
import { doubtOfWalk } from '../iommu/iommu-description.js'
import { iortMsiTarget } from '../iort/iort-msi.js'
import type { ControllerList } from './controller-list.js'
import type { MsiController } from './msi-controller.js'

function fromIort(
  context: KernelContext,
  table: IortTable,
  fn: PciFunction,
  requesterId: number,
  controllers: ControllerList,
): Described | undefined {
  const target = iortMsiTarget(table, fn.address.segment, requesterId, context.release)
  const from = context.iortPlaces.of(target.rootComplex, target.path)
  switch (target.kind) {
    case 'unknown':
      return undecided(doubtOfWalk(target.reason), from)
    case 'none':
      return undefined
    case 'its':
      break
  }
  const { madt } = context.machine.acpi
  if (madt.state === 'unreadable') return doubtOf(madt)
  const controller = controllers.itsOfTable(String(target.itsId))
  // Without an entry in MADT no domain is registered under the ITS id (K: iort_find_domain_token).
  if (!controller) return undefined
  const described = served(controller, { id: target.deviceId, guessed: false }, from)
  return described.state === 'decided' && described.value.controller === undefined ? undefined : described
}

/** GICv2m is the only one that answers for every host bridge under ACPI on Arm (K: gicv2m_acpi_init). */
export function acpiBusDefault(context: KernelContext, controllers: ControllerList): Described {
  const { iort, madt } = context.machine.acpi
  if (madt.state === 'unreadable') return doubtOf(madt)
  const provider = controllers.acpiDefault
  return provider ? served(provider, undefined, iort.from) : none([...iort.from, ...madt.from])
}

/** Where IORT leads the function itself; undefined where it leads nowhere that has a domain. */
export function mappedByIort(
  context: KernelContext,
  fn: PciFunction,
  requesterId: number,
  controllers: ControllerList,
): Described | undefined {
  const { iort } = context.machine.acpi
  if (iort.state === 'unreadable') return doubtOf(iort)
  return iort.state === 'known' ? fromIort(context, iort.value, fn, requesterId, controllers) : undefined
}

/**
 * The controller of a bridge above. Its DeviceID is where the walk for the function ends, the RequesterID where it does
 * not (K: drivers/acpi/arm64/iort.c, iort_msi_map_id).
 */
export function inheritedUnderAcpi(
  context: KernelContext,
  fn: PciFunction,
  requesterId: number,
  controller: MsiController,
): Described {
  const { iort } = context.machine.acpi
  if (iort.state === 'unreadable') return doubtOf(iort)
  if (iort.state === 'absent') return served(controller, { id: requesterId, guessed: true }, iort.from)
  const target = iortMsiTarget(iort.value, fn.address.segment, requesterId, context.release)
  if (target.kind === 'unknown') return undecided(doubtOfWalk(target.reason), iort.from)
  return served(controller, { id: target.deviceId, guessed: target.kind === 'none' }, iort.from)
}
