import type { ObstacleCode } from '../../report/assignment-types.js'
import type { DeviceReport, Obstacle, Report } from '../../report/types.js'
import type { Step } from './reason-words.js'

/** What stops an assignment, in words. */
export const OBSTACLE_WORDS: Record<ObstacleCode, string> = {
  'no-group': 'no IOMMU group, so vfio-pci does not bind',
  'probe-deferred': "the IOMMU's driver is still awaited, so vfio-pci does not bind yet",
  'no-cache-coherency': 'the IOMMU does not enforce cache coherency, so vfio-pci does not bind',
  'group-not-viable': 'another driver holds a member of the group',
  'direct-region': 'firmware asks for a 1:1 mapped region',
  'mixed-msi-regions': 'both kinds of MSI region in one group',
  'bound-elsewhere': 'a host driver holds it',
  denylisted: "it is on vfio-pci's denylist of devices with known errata, so vfio-pci does not bind",
  'driver-override': 'driver_override names another driver, so vfio-pci does not bind',
  'no-reset': 'it has no way to be reset between owners',
  'noiommu-mode': 'the no-IOMMU mode of VFIO makes a group for it that nothing translates',
}
/** How every host looks, and what the kernel's answer says already; named only where everything is. */
export const EVERYDAY: ReadonlySet<ObstacleCode> = new Set(['bound-elsewhere', 'group-not-viable', 'noiommu-mode'])

/** What stops an assignment, with the error that people meet. */
export function obstacleWords({ code, errno }: Pick<Obstacle, 'code' | 'errno'>): string {
  const named = !EVERYDAY.has(code) && errno !== 'none' && errno !== 'unknown'
  return `${OBSTACLE_WORDS[code]}${named ? ` (${errno})` : ''}`
}

function coherencyStep({ platform }: Report): Step {
  const where =
    platform.firmware === 'acpi' ? 'by the coherency flag of its node in the IORT' : 'by dma-coherent on its node'
  return {
    actor: 'firmware',
    text: `If the SMMU walks its tables coherently in hardware, have the firmware say so ${where}; otherwise nothing helps, and the device stays on the host.`,
  }
}

/** What would make an isolated device one that can be assigned; undefined where nobody can do anything. */
export function obstacleStep({ obstacles, chain }: DeviceReport, report: Report): Step | undefined {
  const has = (code: ObstacleCode) => obstacles.some((obstacle) => obstacle.code === code)
  const { kind } = chain.iommu
  if (has('no-cache-coherency') && (kind === 'smmuv2' || kind === 'smmuv3')) return coherencyStep(report)
  if (has('denylisted')) {
    return {
      actor: 'hardware',
      text: 'Keep the device on the host: the list is of errata with which the owner of such a device can harm the host. vfio_pci.disable_denylist=1 lifts the list and none of the errata, so it is for owners who are trusted as the host is.',
    }
  }
  if (has('driver-override')) {
    return {
      actor: 'configuration',
      text: 'Write vfio-pci to driver_override of the device before binding it.',
    }
  }
  if (has('direct-region')) {
    return {
      actor: 'firmware',
      text: 'Ask the vendor for firmware that does not reserve a 1:1 mapped region for the device.',
    }
  }
  return undefined
}
