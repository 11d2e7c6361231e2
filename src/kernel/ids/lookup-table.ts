import { compatibleOf, type DeviceTreeNode } from '../../machine/devicetree.js'
import type { IdRange } from './id-ranges.js'
import type { KnownMap } from '../devicetree/of-map-entries.js'

/** Who fills the table in which a host bridge looks up the ids of its functions. */
export interface LookupTable {
  /** `driver`: from the maps. `boot loader`: for the functions that it saw, and it writes the maps anew. */
  readonly filledBy: 'driver' | 'boot loader'
  /** Where that is done. */
  readonly source: string
}

const IMX: LookupTable = {
  filledBy: 'driver',
  source: 'drivers/pci/controller/dwc/pci-imx6.c: imx_pcie_add_lut_by_rid',
}
const QCOM: LookupTable = {
  filledBy: 'driver',
  source: 'drivers/pci/controller/dwc/pcie-qcom.c: qcom_pcie_config_sid_1_9_0',
}
const LAYERSCAPE: LookupTable = { filledBy: 'boot loader', source: 'U-Boot, drivers/pci/pcie_layerscape_fixup.c' }

/** Host bridges with a lookup table, by `compatible`. Linux 7.2; U-Boot 2024.01. */
const LOOKUP_TABLES: ReadonlyMap<string, LookupTable> = new Map([
  ['fsl,imx95-pcie', IMX],
  // The rows of qcom_pcie_match whose operations have config_sid.
  ['qcom,pcie-sa8775p', QCOM],
  ['qcom,pcie-sc7280', QCOM],
  ['qcom,pcie-sc8180x', QCOM],
  ['qcom,pcie-sdx55', QCOM],
  ['qcom,pcie-sm8150', QCOM],
  ['qcom,pcie-sm8250', QCOM],
  ['qcom,pcie-sm8350', QCOM],
  ['qcom,pcie-sm8450-pcie0', QCOM],
  ['qcom,pcie-sm8450-pcie1', QCOM],
  ['qcom,pcie-sm8550', QCOM],
  ['fsl,ls1028a-pcie', LAYERSCAPE],
  ['fsl,ls1088a-pcie', LAYERSCAPE],
  ['fsl,ls2080a-pcie', LAYERSCAPE],
  ['fsl,ls2085a-pcie', LAYERSCAPE],
  ['fsl,ls2088a-pcie', LAYERSCAPE],
  ['fsl,lx2160a-pcie', LAYERSCAPE],
  ['fsl,lx2160ar2-pcie', LAYERSCAPE],
  // The management complex, whose maps are written likewise.
  ['fsl,qoriq-mc', LAYERSCAPE],
])

/** The lookup table of a host bridge; undefined where it is not known to have one, or its name cannot be read. */
export function lookupTableOf(node: DeviceTreeNode): LookupTable | undefined {
  const compatible = compatibleOf(node)
  if (compatible.state !== 'known') return undefined
  for (const name of compatible.value) {
    const table = LOOKUP_TABLES.get(name)
    if (table) return table
  }
  return undefined
}

/** Functions of one device. */
const IDS_OF_DEVICE = 8

/** Whether ids are given device by device, as a lookup table does and wires do not: then offsets change by design. */
export function isDeviceByDevice(ranges: readonly IdRange[]): boolean {
  return ranges.length > 1 && ranges.every(({ first, last }) => last - first < IDS_OF_DEVICE)
}

/** The same of a map of a tree, by its entries: a mask cuts what they hold to pieces. */
export function mapsDeviceByDevice({ reading }: KnownMap): boolean {
  return isDeviceByDevice(reading.entries.map(({ idBase, length }) => ({ first: idBase, last: idBase + length - 1 })))
}
