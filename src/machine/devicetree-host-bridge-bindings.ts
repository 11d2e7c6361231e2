/** Whether a host bridge driver brings an MSI domain that belongs to the bridge's own node. */
export type HostBridgeMsi =
  /** None: `msi-map` and `msi-parent` alone decide. */
  | 'none'
  /** The receiver of DesignWare bridges (iMSI-RX), unless the node has `msi-parent` or `msi-map`. */
  | 'imsi-rx'
  /** Always. */
  | 'own'
  /** Only when `msi-parent` names the bridge itself. */
  | 'own-if-msi-parent-is-itself'

/** One `compatible` string of a PCI host bridge. */
export interface HostBridgeBinding {
  readonly family: 'ecam' | 'designware' | 'vendor'
  readonly msi: HostBridgeMsi
  /** File of Linux that matches the string, below `drivers/pci/controller/`. */
  readonly driver: string
  readonly chipPrefix: string | undefined
}

type Row = readonly [driver: string, compatibles: string, chipPrefix?: string]

/** Glue of DesignWare bridges, Linux 7.2 and 6.12: all that call dw_pcie_host_init() without an msi_init of their own. */
const DESIGNWARE: readonly Row[] = [
  ['dwc/pci-dra7xx.c', 'ti,dra7-pcie ti,dra726-pcie-rc ti,dra746-pcie-rc'],
  ['dwc/pci-exynos.c', 'samsung,exynos5433-pcie'],
  [
    'dwc/pci-imx6.c',
    'fsl,imx6q-pcie fsl,imx6sx-pcie fsl,imx6qp-pcie fsl,imx7d-pcie fsl,imx8mq-pcie fsl,imx8mm-pcie fsl,imx8mp-pcie fsl,imx8q-pcie fsl,imx95-pcie',
  ],
  ['dwc/pci-keystone.c', 'ti,am654-pcie-rc'],
  [
    'dwc/pci-layerscape.c',
    'fsl,ls1012a-pcie fsl,ls1021a-pcie fsl,ls1028a-pcie fsl,ls1043a-pcie fsl,ls1046a-pcie fsl,ls1088a-pcie fsl,ls2080a-pcie fsl,ls2085a-pcie fsl,ls2088a-pcie',
  ],
  ['dwc/pci-meson.c', 'amlogic,axg-pcie amlogic,g12a-pcie'],
  ['dwc/pcie-al.c', 'amazon,al-alpine-v2-pcie amazon,al-alpine-v3-pcie'],
  ['dwc/pcie-amd-mdb.c', 'amd,versal2-mdb-host'],
  ['dwc/pcie-andes-qilai.c', 'andestech,qilai-pcie'],
  ['dwc/pcie-armada8k.c', 'marvell,armada8k-pcie'],
  ['dwc/pcie-artpec6.c', 'axis,artpec6-pcie axis,artpec7-pcie'],
  ['dwc/pcie-bt1.c', 'baikal,bt1-pcie'],
  ['dwc/pcie-designware-plat.c', 'snps,dw-pcie'],
  ['dwc/pcie-dw-rockchip.c', 'rockchip,rk3568-pcie rockchip,rk3588-pcie'],
  ['dwc/pcie-eswin.c', 'eswin,eic7700-pcie'],
  ['dwc/pcie-fu740.c', 'sifive,fu740-pcie'],
  ['dwc/pcie-histb.c', 'hisilicon,hi3798cv200-pcie'],
  ['dwc/pcie-intel-gw.c', 'intel,lgm-pcie'],
  ['dwc/pcie-keembay.c', 'intel,keembay-pcie'],
  ['dwc/pcie-kirin.c', 'hisilicon,kirin960-pcie hisilicon,kirin970-pcie'],
  ['dwc/pcie-nxp-s32g.c', 'nxp,s32g2-pcie'],
  [
    'dwc/pcie-qcom.c',
    'qcom,pcie-apq8064 qcom,pcie-apq8084 qcom,pcie-ipq4019 qcom,pcie-ipq5018 qcom,pcie-ipq6018 qcom,pcie-ipq8064 qcom,pcie-ipq8064-v2 qcom,pcie-ipq8074 qcom,pcie-ipq8074-gen3 qcom,pcie-ipq9574 qcom,pcie-msm8996 qcom,pcie-qcs404 qcom,pcie-sa8540p qcom,pcie-sa8775p qcom,pcie-sc7280 qcom,pcie-sc8180x qcom,pcie-sc8280xp qcom,pcie-sdm845 qcom,pcie-sdx55 qcom,pcie-sm8150 qcom,pcie-sm8250 qcom,pcie-sm8350 qcom,pcie-sm8450-pcie0 qcom,pcie-sm8450-pcie1 qcom,pcie-sm8550 qcom,pcie-x1e80100',
  ],
  ['dwc/pcie-rcar-gen4.c', 'renesas,r8a779f0-pcie renesas,rcar-gen4-pcie'],
  ['dwc/pcie-sophgo.c', 'sophgo,sg2044-pcie'],
  ['dwc/pcie-spacemit-k1.c', 'spacemit,k1-pcie'],
  ['dwc/pcie-spear13xx.c', 'st,spear1340-pcie'],
  ['dwc/pcie-stm32.c', 'st,stm32mp25-pcie-rc'],
  ['dwc/pcie-tegra194.c', 'nvidia,tegra194-pcie nvidia,tegra234-pcie'],
  ['dwc/pcie-ultrarisc.c', 'ultrarisc,dp1000-pcie'],
  ['dwc/pcie-uniphier.c', 'socionext,uniphier-pcie'],
  ['dwc/pcie-visconti.c', 'toshiba,visconti-pcie'],
]

/** DesignWare bridges whose driver sets up its receiver whatever the node says. */
const DESIGNWARE_ALWAYS: readonly Row[] = [
  // ks_pcie_msi_host_init is an msi_init of its own.
  ['dwc/pci-keystone.c', 'ti,keystone-pcie'],
  // qcom_pcie_ecam_host_init calls dw_pcie_msi_host_init without looking at msi-parent and msi-map.
  ['dwc/pcie-qcom.c', 'qcom,pcie-sa8255p'],
]

/** kernel-decision.md section 5. */
const OWN: readonly Row[] = [
  ['pci-aardvark.c', 'marvell,armada-3700-pcie', 'advk-'],
  [
    'pci-tegra.c',
    'nvidia,tegra20-pcie nvidia,tegra30-pcie nvidia,tegra124-pcie nvidia,tegra210-pcie nvidia,tegra186-pcie',
  ],
  [
    'pcie-mediatek.c',
    'mediatek,mt2701-pcie mediatek,mt7623-pcie mediatek,mt2712-pcie mediatek,mt7622-pcie mediatek,mt7629-pcie airoha,an7583-pcie',
    'MTK-',
  ],
  ['pcie-mediatek-gen3.c', 'mediatek,mt8192-pcie mediatek,mt8196-pcie airoha,en7581-pcie', 'MTK3-'],
  [
    'pcie-rcar-host.c',
    'renesas,pcie-r8a7779 renesas,pcie-r8a7790 renesas,pcie-r8a7791 renesas,pcie-r8a7795 renesas,pcie-rcar-gen2 renesas,pcie-rcar-gen3',
    'RCAR-',
  ],
  ['pcie-rzg3s-host.c', 'renesas,r9a08g045-pcie renesas,r9a09g047-pcie', 'RZG3S-'],
  ['pcie-xilinx.c', 'xlnx,axi-pcie-host-1.00.a', 'xilinx-'],
  ['pcie-xilinx-nwl.c', 'xlnx,nwl-pcie-2.11', 'nwl-'],
  ['pcie-xilinx-dma-pl.c', 'xlnx,xdma-host-3.00 xlnx,qdma-host-3.00', 'pl_dma-'],
  ['pcie-apple.c', 'apple,pcie apple,t6020-pcie'],
  ['pcie-aspeed.c', 'aspeed,ast2600-pcie aspeed,ast2700-pcie', 'ASPEED-'],
  ['mobiveil/pcie-mobiveil-plat.c', 'mbvl,gpex40-pcie', 'Mobiveil-'],
  ['plda/pcie-microchip-host.c', 'microchip,pcie-host-1.0', 'PLDA-'],
  ['plda/pcie-starfive.c', 'starfive,jh7110-pcie', 'PLDA-'],
]

/** brcm_pcie_probe compares `msi-parent` with the bridge's own node. */
const OWN_IF_MSI_PARENT: readonly Row[] = [
  [
    'pcie-brcmstb.c',
    'brcm,bcm2711-pcie brcm,bcm2712-pcie brcm,bcm4908-pcie brcm,bcm7211-pcie brcm,bcm7216-pcie brcm,bcm7278-pcie brcm,bcm7425-pcie brcm,bcm7435-pcie brcm,bcm7445-pcie brcm,bcm7712-pcie',
    'BRCM-',
  ],
]

const ECAM: readonly Row[] = [
  [
    'pci-host-generic.c',
    'pci-host-ecam-generic pci-host-cam-generic marvell,armada8k-pcie-ecam socionext,synquacer-pcie-ecam snps,dw-pcie-ecam',
  ],
  ['pci-thunder-ecam.c', 'cavium,pci-host-thunder-ecam'],
  ['pci-thunder-pem.c', 'cavium,pci-host-thunder-pem'],
  ['dwc/pcie-hisi.c', 'hisilicon,hip06-pcie-ecam hisilicon,hip07-pcie-ecam'],
]

/** Vendor bridges without an MSI controller of their own. */
const WITHOUT: readonly Row[] = [
  ['pci-xgene.c', 'apm,xgene-pcie'],
  [
    'pcie-altera.c',
    'altr,pcie-root-port-1.0 altr,pcie-root-port-2.0 altr,pcie-root-port-3.0-f-tile altr,pcie-root-port-3.0-p-tile altr,pcie-root-port-3.0-r-tile',
  ],
  ['pcie-iproc-platform.c', 'brcm,iproc-pcie brcm,iproc-pcie-paxb-v2 brcm,iproc-pcie-paxc brcm,iproc-pcie-paxc-v2'],
  ['pcie-rockchip-host.c', 'rockchip,rk3399-pcie'],
  [
    'pcie-xilinx-cpm.c',
    'xlnx,versal-cpm-host-1.00 xlnx,versal-cpm5-host xlnx,versal-cpm5-host1 xlnx,versal-cpm5nc-host',
  ],
  [
    'cadence/pci-j721e.c',
    'ti,j721e-pcie-host ti,j7200-pcie-host ti,am64-pcie-host ti,j784s4-pcie-host ti,j722s-pcie-host',
  ],
  ['cadence/pcie-cadence-plat.c', 'cdns,cdns-pcie-host'],
  ['cadence/pci-sky1.c', 'cix,sky1-pcie-host'],
  ['cadence/pcie-sg2042.c', 'sophgo,sg2042-pcie-host'],
  ['mobiveil/pcie-layerscape-gen4.c', 'fsl,lx2160a-pcie'],
  ['pci-mvebu.c', 'marvell,armada-xp-pcie marvell,armada-370-pcie marvell,dove-pcie marvell,kirkwood-pcie'],
  ['pci-loongson.c', 'loongson,ls2k-pci loongson,ls7a-pci loongson,rs780e-pci'],
  ['pcie-mt7621.c', 'mediatek,mt7621-pci'],
  [
    'pci-rcar-gen2.c',
    'renesas,pci-r8a7790 renesas,pci-r8a7791 renesas,pci-r8a7794 renesas,pci-rcar-gen2 renesas,pci-rzn1',
  ],
  ['pci-ftpci100.c', 'faraday,ftpci100 faraday,ftpci100-dual'],
  ['pci-ixp4xx.c', 'intel,ixp42x-pci intel,ixp43x-pci'],
  ['pci-v3-semi.c', 'v3,v360epc-pci'],
  ['pci-versatile.c', 'arm,versatile-pci'],
]

function bindings(
  family: HostBridgeBinding['family'],
  msi: HostBridgeMsi,
  rows: readonly Row[],
  prefix?: string,
): [string, HostBridgeBinding][] {
  return rows.flatMap(([driver, compatibles, chipPrefix = prefix]) =>
    compatibles
      .split(' ')
      .map((compatible): [string, HostBridgeBinding] => [compatible, { family, msi, driver, chipPrefix }]),
  )
}

/** By `compatible`; match tables of Linux 7.2 and 6.12. */
export const HOST_BRIDGE_BINDINGS: ReadonlyMap<string, HostBridgeBinding> = new Map([
  ...bindings('ecam', 'none', ECAM),
  ...bindings('designware', 'imsi-rx', DESIGNWARE, 'DW-'),
  ...bindings('designware', 'own', DESIGNWARE_ALWAYS, 'DW-'),
  ...bindings('vendor', 'own', OWN),
  ...bindings('vendor', 'own-if-msi-parent-is-itself', OWN_IF_MSI_PARENT),
  ...bindings('vendor', 'none', WITHOUT),
])
