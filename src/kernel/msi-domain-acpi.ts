import type { Provenance } from '../machine/fact.js'
import type { IortTable } from '../machine/iort.js'
import type { PciFunction } from '../machine/pci.js'
import type { KernelContext } from './context.js'
import { doubtOf, undecided } from './decision.js'
import { none, served, type Described } from './described-msi.js'
import { doubtOfWalk } from './iommu-description.js'
import { iortMsiTarget } from './iort-msi.js'
import type { MsiController } from './msi-controller.js'

const IORT = 'sys/firmware/acpi/tables/IORT'

function fromIort(
  context: KernelContext,
  table: IortTable,
  fn: PciFunction,
  requesterId: number,
  controllers: readonly MsiController[],
): Described | undefined {
  const target = iortMsiTarget(table, fn.address.segment, requesterId, context.release)
  const from: Provenance[] = [
    ...(target.rootComplex
      ? [{ path: IORT, at: { offset: target.rootComplex.offset, length: target.rootComplex.length } }]
      : []),
    ...target.path.map((step) => ({ path: IORT, at: { offset: step.mapping.offset, length: 20 } })),
  ]
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
  const id = String(target.itsId)
  const controller = controllers.find(
    (candidate) =>
      candidate.node === undefined &&
      (candidate.kind === 'its' || candidate.kind === 'gicv5-its') &&
      candidate.id === id,
  )
  // Without an entry in MADT no domain is registered under the ITS id (K: iort_find_domain_token).
  if (!controller) return undefined
  const described = served(controller, target.deviceId, from)
  return described.state === 'decided' && described.value.controller === undefined ? undefined : described
}

/** GICv2m is the only one that answers for every host bridge under ACPI on Arm (K: gicv2m_acpi_init). */
function acpiBusDefault(
  context: KernelContext,
  controllers: readonly MsiController[],
  from: readonly Provenance[],
): Described {
  const { madt } = context.machine.acpi
  if (madt.state === 'unreadable') return doubtOf(madt)
  const provider = controllers.find(
    (controller) => controller.node === undefined && (controller.kind === 'gicv2m' || controller.kind === 'imsic'),
  )
  return provider ? served(provider, undefined, from) : none([...from, ...madt.from])
}

/** Under ACPI: IORT, then the one provider that answers for every host bridge. */
export function underAcpi(
  context: KernelContext,
  fn: PciFunction,
  requesterId: number,
  controllers: readonly MsiController[],
): Described {
  const { iort } = context.machine.acpi
  if (iort.state === 'unreadable') return doubtOf(iort)
  if (iort.state === 'known') {
    const byIort = fromIort(context, iort.value, fn, requesterId, controllers)
    if (byIort) return byIort
  }
  return acpiBusDefault(context, controllers, iort.from)
}
