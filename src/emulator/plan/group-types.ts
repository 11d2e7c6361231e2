import type { IommuDescription, MachineDescription } from '../machine-description.js'
import { atLeast } from './release.js'

/** Type of an IOMMU's default domains: what the description says, else what the command line and the driver lead to. */
export function groupTypeOf(machine: MachineDescription, iommu: IommuDescription): string {
  if (iommu.groupType !== undefined) return iommu.groupType
  const words = (machine.kernel.commandLine ?? '').split(/\s+/)
  const passthrough = words.includes('iommu.passthrough=1') || words.includes('iommu=pt')
  if (iommu.type === 'riscv' || passthrough) return 'identity'
  const lazy = machine.architecture === 'x86_64' ? !words.includes('iommu.strict=1') : words.includes('iommu.strict=0')
  return lazy && atLeast(machine.kernel.release, 5, 15) ? 'DMA-FQ' : 'DMA'
}
