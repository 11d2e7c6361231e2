import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { judgedBlob } from './judged-tree.js'
import { CORPUS } from '../../support/outside.js'

/** Blobs of Debian's kernel packages, each judged as its own kernel reads it. */
const PACKAGES = { 'debian-dtb-6.12': '6.12.107', 'debian-dtb-7.2': '7.2.13' } as const

/** A finding of medium severity or above on a real board, what Linux does with it, and why saying so is right. */
interface Reviewed {
  readonly file: string
  readonly rule: string
  readonly node: string
  /** How many such findings the node has; one unless said. */
  readonly count?: number
  readonly because: string
}

const IMX95_LUT =
  'Linux translates bus 3 as bus 1: the lookup table of the i.MX95 sees nine bits, so that functions below a switch do share ids; the tree says so and the owner should know.'
const IMX95_SMMU =
  'Linux finds the SMMU node disabled (the base file of the chip leaves that to the board) and gives no function an IOMMU, although a map promises one.'
const A8K_SMMU =
  'Linux finds the SMMU node disabled (boards with old firmware crash otherwise) and gives no function an IOMMU, although iommu-map promises one.'
const SM8450_DIFFER =
  'Linux translates the StreamID of every function apart but masks the DeviceID: a second function has no StreamID and the DeviceID of the first.'
const TI_PRE_ITS =
  'Linux clears the isolation flag where the ITS has the register of a SynQuacer; the bridge before the ITS of the K3 chips takes the DeviceID from the address in the same way.'
const DW_BESIDE_ITS =
  'Linux uses the receiver of the bridge because the node names no controller, although the chip has an ITS that would check the payload.'

const REVIEWED: readonly Reviewed[] = [
  { file: '6.12/freescale/imx95-19x19-evk.dtb', rule: 'IR311', node: '/soc/pcie@4c300000', because: DW_BESIDE_ITS },
  { file: '6.12/freescale/imx95-19x19-evk.dtb', rule: 'IR311', node: '/soc/pcie@4c380000', because: DW_BESIDE_ITS },
  { file: '7.2/freescale/imx943-evk.dtb', rule: 'IR304', node: '/soc/pcie@4c300000', because: IMX95_LUT },
  { file: '7.2/freescale/imx943-evk.dtb', rule: 'IR304', node: '/soc/pcie@4c380000', because: IMX95_LUT },
  { file: '7.2/freescale/imx95-19x19-evk.dtb', rule: 'IR302', node: '/soc/pcie@4c300000', because: IMX95_SMMU },
  { file: '7.2/freescale/imx95-19x19-evk.dtb', rule: 'IR302', node: '/soc/pcie@4c380000', because: IMX95_SMMU },
  {
    file: '7.2/freescale/imx95-19x19-evk.dtb',
    rule: 'IR302',
    node: '/soc/system-controller@4cde0000/pcie@4ca00000',
    because: IMX95_SMMU,
  },
  {
    file: '7.2/freescale/imx95-19x19-evk.dtb',
    rule: 'IR304',
    node: '/soc/pcie@4c380000',
    because: IMX95_LUT,
  },
  { file: '7.2/freescale/imx95-var-dart-sonata.dtb', rule: 'IR302', node: '/soc/pcie@4c300000', because: IMX95_SMMU },
  { file: '7.2/freescale/imx95-var-dart-sonata.dtb', rule: 'IR302', node: '/soc/pcie@4c380000', because: IMX95_SMMU },
  {
    file: '7.2/freescale/imx95-var-dart-sonata.dtb',
    rule: 'IR304',
    node: '/soc/pcie@4c380000',
    because: IMX95_LUT,
  },
  {
    file: '7.2/marvell/armada-8040-clearfog-gt-8k.dtb',
    rule: 'IR302',
    node: '/cp0-bus/pcie@f2600000',
    because: A8K_SMMU,
  },
  { file: '7.2/marvell/armada-8040-db.dtb', rule: 'IR302', node: '/cp0-bus/pcie@f2600000', because: A8K_SMMU },
  { file: '7.2/marvell/armada-8040-mcbin.dtb', rule: 'IR302', node: '/cp0-bus/pcie@f2600000', because: A8K_SMMU },
  { file: '7.2/qcom/sm8450-hdk.dtb', rule: 'IR305', node: '/soc@0/pcie@1c00000', because: SM8450_DIFFER },
  { file: '7.2/qcom/sm8450-hdk.dtb', rule: 'IR305', node: '/soc@0/pcie@1c08000', because: SM8450_DIFFER },
  { file: '7.2/qcom/x1e80100-crd.dtb', rule: 'IR311', node: '/soc@0/pci@1c00000', because: DW_BESIDE_ITS },
  {
    file: '7.2/rockchip/rk3588-rock-5b-pcie-ep.dtb',
    rule: 'IR302',
    node: '/pcie@fe190000',
    because:
      'Linux finds the SMMU disabled, which the endpoint overlay of this board does on purpose, and the host bridges that stay on have no IOMMU.',
  },
  {
    file: '7.2/rockchip/rk3588-rock-5b-pcie-ep.dtb',
    rule: 'IR302',
    node: '/pcie@fe170000',
    because: 'As the other host bridge of this board: its iommu-map leads to the disabled SMMU.',
  },
  {
    file: '7.2/ti/k3-j721e-sk.dtb',
    rule: 'IR309',
    node: '/bus@100000/interrupt-controller@1800000/msi-controller@1820000',
    because: TI_PRE_ITS,
  },
]

const NOTABLE: ReadonlySet<string> = new Set(['medium', 'high', 'critical'])

function blobsOf(directory: string): readonly string[] {
  if (!existsSync(`${CORPUS}/${directory}`)) return []
  return readdirSync(`${CORPUS}/${directory}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.dtb'))
    .sort()
}

const here = existsSync(`${CORPUS}/debian-dtb-7.2`)

describe.skipIf(!here)(`device trees of real boards${here ? '' : ' (not run: no corpus here)'}`, () => {
  it('have the findings that were reviewed, and no others', () => {
    const counts = new Map<string, number>()
    let blobs = 0
    for (const [directory, release] of Object.entries(PACKAGES)) {
      for (const name of blobsOf(directory)) {
        blobs += 1
        const file = `${directory.replace('debian-dtb-', '')}/${name}`
        for (const { rule, severity, subject, outcome } of judgedBlob(
          readFileSync(`${CORPUS}/${directory}/${name}`),
          release,
        )) {
          if (outcome === 'fail' && !NOTABLE.has(severity)) continue
          const key = `${file} ${rule} ${subject}${outcome === 'fail' ? '' : ' unknown'}`
          counts.set(key, (counts.get(key) ?? 0) + 1)
        }
      }
    }
    const reviewed = REVIEWED.map(({ file, rule, node, count = 1 }): [string, number] => [
      `${file} ${rule} ${node}`,
      count,
    ])
    expect(Object.fromEntries(counts)).toEqual(Object.fromEntries(reviewed))
    expect(blobs).toBe(69)
  })
})
