import type { Provenance } from '../../machine/fact.js'
import type { KernelView } from '../context.js'
import { against, type RemappingObstacle, type RemappingWitness } from './remapping-witness.js'

const LOG = 'var/log/dmesg'

/** Xen's last words as it starts. Source: Xen, drivers/passthrough/iommu.c: iommu_setup. */
const REMAPS = /^\(XEN\) Interrupt remapping enabled$/
const REMAPS_NOTHING: readonly { readonly line: RegExp; readonly obstacle: RemappingObstacle }[] = [
  { line: /^\(XEN\) I\/O virtualisation disabled$/, obstacle: 'xen-io-virtualisation' },
  { line: /^\(XEN\) Interrupt remapping disabled$/, obstacle: 'xen-remapping' },
]

/** Where Xen says in the control domain that it remaps nothing. */
export function xenWitnesses({ machine, hazards }: KernelView): readonly RemappingWitness[] {
  if (!machine.virtualization.controlDomain) return []
  return REMAPS_NOTHING.flatMap(({ line, obstacle }) => {
    const [excerpt] = hazards.of(line)
    return excerpt === undefined ? [] : [against(obstacle, { path: LOG, excerpt })]
  })
}

/** Where Xen says in the control domain that it drives no IOMMU: none then confines a device. */
export function xenWithoutIommu(view: KernelView): Provenance | undefined {
  return xenWitnesses(view).find((witness) => witness.says === 'off' && witness.obstacle === 'xen-io-virtualisation')
    ?.from
}

/** Whether Xen says in the control domain that it remaps interrupts, and nowhere that it does not. */
export function remapsByXen(view: KernelView): boolean {
  return isHiddenByXen(view) && view.log.of(REMAPS).length > 0
}

/** Whether Xen keeps from Linux what it does with interrupts: below its control domain, unless it says that it does nothing. */
export function isHiddenByXen(view: KernelView): boolean {
  return view.machine.virtualization.controlDomain === true && xenWitnesses(view).length === 0
}
