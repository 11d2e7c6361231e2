import type { IommuInstanceKind } from './iommu.js'

/** One `compatible` string of an IOMMU. */
export interface IommuBinding {
  readonly kind: IommuInstanceKind
  /** What people call it. */
  readonly name: string
  /** File of Linux that matches the string, below `drivers/`. */
  readonly driver: string
}

type Row = readonly [kind: IommuInstanceKind, name: string, driver: string, compatibles: readonly string[]]

/** Match tables of Linux 7.2 and 6.12; devicetree.md section 5. */
const ROWS: readonly Row[] = [
  ['smmuv3', 'Arm SMMUv3', 'iommu/arm/arm-smmu-v3/arm-smmu-v3.c', ['arm,smmu-v3']],
  [
    'smmuv2',
    'Arm SMMUv1/v2',
    'iommu/arm/arm-smmu/arm-smmu.c',
    [
      'arm,smmu-v1',
      'arm,smmu-v2',
      'arm,mmu-400',
      'arm,mmu-401',
      'arm,mmu-500',
      'cavium,smmu-v2',
      'nvidia,smmu-500',
      'qcom,smmu-v2',
    ],
  ],
  ['riscv', 'RISC-V IOMMU', 'iommu/riscv/iommu-platform.c', ['riscv,iommu', 'riscv,pci-iommu']],
  ['virtio-iommu', 'virtio-iommu', 'iommu/virtio-iommu.c', ['virtio,pci-iommu', 'pci1af4,1057']],
  [
    'other',
    'Apple DART',
    'iommu/apple-dart.c',
    ['apple,t8103-dart', 'apple,t8103-usb4-dart', 'apple,t8110-dart', 'apple,t6000-dart'],
  ],
  [
    'other',
    'Renesas IPMMU',
    'iommu/ipmmu-vmsa.c',
    [
      'renesas,ipmmu-vmsa',
      'renesas,rcar-gen4-ipmmu-vmsa',
      'renesas,ipmmu-r8a774a1',
      'renesas,ipmmu-r8a774b1',
      'renesas,ipmmu-r8a774c0',
      'renesas,ipmmu-r8a774e1',
      'renesas,ipmmu-r8a7795',
      'renesas,ipmmu-r8a7796',
      'renesas,ipmmu-r8a77961',
      'renesas,ipmmu-r8a77965',
      'renesas,ipmmu-r8a77970',
      'renesas,ipmmu-r8a77980',
      'renesas,ipmmu-r8a77990',
      'renesas,ipmmu-r8a77995',
      'renesas,ipmmu-r8a779a0',
    ],
  ],
  ['other', 'Rockchip IOMMU', 'iommu/rockchip-iommu.c', ['rockchip,iommu', 'rockchip,rk3568-iommu']],
  [
    'other',
    'MediaTek M4U',
    'iommu/mtk_iommu.c',
    [
      'mediatek,mt2701-m4u',
      'mediatek,mt2712-m4u',
      'mediatek,mt6779-m4u',
      'mediatek,mt6795-m4u',
      'mediatek,mt6893-iommu-mm',
      'mediatek,mt8167-m4u',
      'mediatek,mt8173-m4u',
      'mediatek,mt8183-m4u',
      'mediatek,mt8186-iommu-mm',
      'mediatek,mt8188-iommu-infra',
      'mediatek,mt8188-iommu-vdo',
      'mediatek,mt8188-iommu-vpp',
      'mediatek,mt8189-iommu-apu',
      'mediatek,mt8189-iommu-infra',
      'mediatek,mt8189-iommu-mm',
      'mediatek,mt8192-m4u',
      'mediatek,mt8195-iommu-infra',
      'mediatek,mt8195-iommu-vdo',
      'mediatek,mt8195-iommu-vpp',
      'mediatek,mt8365-m4u',
    ],
  ],
  ['other', 'Allwinner IOMMU', 'iommu/sun50i-iommu.c', ['allwinner,sun50i-h6-iommu', 'allwinner,sun50i-h616-iommu']],
  ['other', 'Unisoc IOMMU', 'iommu/sprd-iommu.c', ['sprd,iommu-v1']],
  ['other', 'VeriSilicon IOMMU', 'iommu/vsi-iommu.c', ['verisilicon,iommu-1.2']],
  ['other', 'Qualcomm MSM IOMMU', 'iommu/arm/arm-smmu/qcom_iommu.c', ['qcom,msm-iommu-v1', 'qcom,msm-iommu-v2']],
  ['other', 'Qualcomm APQ8064 IOMMU', 'iommu/msm_iommu.c', ['qcom,apq8064-iommu']],
  ['other', 'Samsung SysMMU', 'iommu/exynos-iommu.c', ['samsung,exynos-sysmmu']],
  [
    'other',
    'TI OMAP IOMMU',
    'iommu/omap-iommu.c',
    ['ti,omap2-iommu', 'ti,omap4-iommu', 'ti,dra7-iommu', 'ti,dra7-dsp-iommu'],
  ],
  // The memory controllers of Tegra30 to Tegra210 hold an SMMU of NVIDIA's own, which is no Arm SMMU.
  [
    'other',
    'NVIDIA Tegra SMMU',
    'iommu/tegra-smmu.c',
    [
      'nvidia,tegra20-smmu',
      'nvidia,tegra30-smmu',
      'nvidia,tegra114-smmu',
      'nvidia,tegra124-smmu',
      'nvidia,tegra132-smmu',
      'nvidia,tegra210-smmu',
      'nvidia,tegra30-mc',
      'nvidia,tegra114-mc',
      'nvidia,tegra124-mc',
      'nvidia,tegra132-mc',
      'nvidia,tegra210-mc',
    ],
  ],
  ['other', 'Freescale PAMU', 'iommu/fsl_pamu.c', ['fsl,pamu']],
]

/** By `compatible`. */
export const IOMMU_BINDINGS: ReadonlyMap<string, IommuBinding> = new Map(
  ROWS.flatMap(([kind, name, driver, compatibles]) =>
    compatibles.map((compatible): [string, IommuBinding] => [compatible, { kind, name, driver }]),
  ),
)
