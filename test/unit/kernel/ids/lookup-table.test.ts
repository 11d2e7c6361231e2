import { describe, expect, it } from 'vitest'
import { isDeviceByDevice, lookupTableOf, mapsDeviceByDevice } from '../../../../src/kernel/ids/lookup-table.js'
import { ofMapEntries } from '../../../../src/kernel/devicetree/of-map-entries.js'
import { deviceTree, nodeAt } from '../devicetree/device-tree-nodes.js'

const filledBy = (compatible: string) => lookupTableOf(nodeAt(deviceTree({ pcie: { compatible } }), '/pcie'))?.filledBy

describe('host bridges that look ids up in a table', () => {
  // K: 7.2 drivers/pci/controller/dwc: qcom_pcie_match, rows of cfg_1_9_0 and cfg_1_34_0, whose operations have config_sid;
  // pci-imx6.c, imx95. U-Boot: pcie_layerscape_fixup.c, and the management complex.
  it.each([
    'fsl,imx95-pcie',
    'qcom,pcie-sa8775p',
    'qcom,pcie-sc7280',
    'qcom,pcie-sc8180x',
    'qcom,pcie-sdx55',
    'qcom,pcie-sm8150',
    'qcom,pcie-sm8250',
    'qcom,pcie-sm8350',
    'qcom,pcie-sm8450-pcie0',
    'qcom,pcie-sm8450-pcie1',
    'qcom,pcie-sm8550',
  ])('%s: the driver fills it', (name) => {
    expect(filledBy(name)).toBe('driver')
    expect(filledBy(`vendor,board-pcie\0${name}`)).toBe('driver')
  })
  it.each([
    'fsl,ls1028a-pcie',
    'fsl,ls1088a-pcie',
    'fsl,ls2080a-pcie',
    'fsl,ls2085a-pcie',
    'fsl,ls2088a-pcie',
    'fsl,lx2160a-pcie',
    'fsl,lx2160ar2-pcie',
    'fsl,qoriq-mc',
  ])('%s: the boot loader fills it', (name) => {
    expect(filledBy(name)).toBe('boot loader')
  })
  it.each(['qcom,pcie-sc8280xp', 'qcom,pcie-sdm845', 'qcom,pcie-x1e80100', 'fsl,imx8mq-pcie', 'pci-host-ecam-generic'])(
    '%s: has none',
    (name) => {
      expect(filledBy(name)).toBeUndefined()
    },
  )
  it('nobody knows of one whose name cannot be read', () => {
    expect(filledBy('UNREADABLE')).toBeUndefined()
  })
})

describe('ids that are given device by device', () => {
  const range = (first: number, count: number) => ({ first, last: first + count - 1 })
  it('are several ranges, none of more than the eight functions of a device', () => {
    expect(isDeviceByDevice([range(0, 8), range(8, 1)])).toBe(true)
    expect(isDeviceByDevice([range(0, 8), range(8, 9)])).toBe(false)
    expect(isDeviceByDevice([range(0, 1)])).toBe(false)
    expect(isDeviceByDevice([])).toBe(false)
  })
  it('are so in a map by the lengths of its entries', () => {
    const maps = (length: number) => {
      const tree = deviceTree({
        its: { phandle: [1], '#msi-cells': [1] },
        pcie: { 'msi-map': [0, 1, 0x10, 1, 0x100, 1, 0x20, length] },
      })
      const map = ofMapEntries(tree, nodeAt(tree, '/pcie'), 'msi-map', undefined)
      return map.state === 'known' && mapsDeviceByDevice(map)
    }
    expect([maps(8), maps(9)]).toEqual([true, false])
  })
})
