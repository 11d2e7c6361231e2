import { commandLineValues, type KernelView } from '../context.js'
import { atLeast } from '../release.js'
import { against, type RemappingWitness } from './remapping-witness.js'

const INTEL = 0x8086
const CHIPSETS: ReadonlySet<number> = new Set([0x3403, 0x3405, 0x3406])
const LAST_BROKEN_REVISION = 0x13
const STONEY_RIDGE = { vendor: 0x1002, device: 0x98e4 }

/**
 * Chipsets Intel 5500, 5520 and X58 whose remapping loses interrupts: revisions up to 0x13, and 0x22 of the 5500 and 5520
 * with device id 3405. Linux looks at every function of bus 0. No setting turns remapping on there.
 * Source: K: arch/x86/kernel/early-quirks.c, intel_remapping_check; since 3.10.
 */
function brokenChipset({ functions }: KernelView): readonly RemappingWitness[] {
  return functions.flatMap(({ address, name, vendor, device, revision }) => {
    if (address.segment !== 0 || address.bus !== 0) return []
    if (vendor.state !== 'known' || device.state !== 'known' || revision.state !== 'known') return []
    if (vendor.value !== INTEL || !CHIPSETS.has(device.value)) return []
    const broken = revision.value <= LAST_BROKEN_REVISION || (device.value === 0x3405 && revision.value === 0x22)
    if (!broken) return []
    const excerpt = `Intel ${device.value.toString(16)} revision 0x${revision.value.toString(16)}`
    return [against('chipset-erratum', { path: `sys/bus/pci/devices/${name}/revision`, excerpt })]
  })
}

/**
 * Beside the graphics of Stoney Ridge Linux leaves the AMD IOMMU off, unless `amd_iommu=force_enable` says otherwise.
 * Source: K: drivers/iommu/amd/init.c, detect_ivrs; since 5.7, the word since 5.14. Seen in the log before that release.
 */
function stoneyRidge({ functions, machine, release }: KernelView): readonly RemappingWitness[] {
  if (machine.acpi.ivrs.state !== 'known' || !release || !atLeast(release, 5, 7)) return []
  if (atLeast(release, 5, 14) && isForced(machine)) return []
  return functions.flatMap(({ address, name, vendor, device }) =>
    address.segment === 0 &&
    address.bus === 0 &&
    address.function === 0 &&
    vendor.state === 'known' &&
    vendor.value === STONEY_RIDGE.vendor &&
    device.state === 'known' &&
    device.value === STONEY_RIDGE.device
      ? [
          against('stoney-ridge', {
            path: `sys/bus/pci/devices/${name}/device`,
            excerpt: 'Stoney Ridge graphics 1002:98e4',
          }),
        ]
      : [],
  )
}

function isForced(machine: KernelView['machine']): boolean {
  return commandLineValues(machine, 'amd_iommu').some((value) => /(?:^|,)force_enable/.test(value))
}

/** Chipsets on which Linux leaves interrupt remapping off whatever firmware says. */
export function chipsetWitnesses(view: KernelView): readonly RemappingWitness[] {
  return [...brokenChipset(view), ...stoneyRidge(view)]
}
