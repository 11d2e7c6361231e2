import type { Route } from '../../routes/route.js'
import type { DeviceReport } from '../types.js'
import type { SharedParts } from './shared-parts.js'

/** The way of a function's DMA and MSIs, by the names and ids that a report has for them. */
export function chainOf({ requesterIds, iommu, msi, window }: Route, shared: SharedParts): DeviceReport['chain'] {
  const { controller } = msi
  const missing = msi.kind === 'none' ? 'none' : 'unknown'
  return {
    requesterIds: shared.ids(requesterIds),
    iommu: { kind: iommu.kind, name: iommu.name, streamIds: shared.ids(iommu.streamIds), hostDomain: iommu.hostDomain },
    msiController: {
      kind: msi.kind,
      id: controller?.id ?? missing,
      doorbell: controller?.doorbell === undefined ? missing : shared.hex(controller.doorbell),
      deviceIds: shared.ids(msi.deviceIds),
    },
    msiWindow: shared.window(window),
  }
}
