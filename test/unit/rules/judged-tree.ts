import {
  encodeDeviceTree,
  type NodeSource,
  type PropertySource,
} from '../../../src/emulator/firmware/devicetree-source.js'
import { writeFdt } from '../../../src/emulator/firmware/fdt-writer.js'
import { contextOf } from '../../../src/kernel/build-context.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { findingReport } from '../../../src/report/finding.js'
import type { FindingReport } from '../../../src/report/types.js'
import { buildRoutes } from '../../../src/routes/build.js'
import { deviceTreeRules } from '../../../src/rules/devicetree-rules.js'
import { memorySysroot } from '../../../src/sysroot/memory-sysroot.js'
import type { TreeDescription } from '../../../src/sysroot/memory-entry.js'

type Properties = Readonly<Record<string, PropertySource | null>>

/** Changes to the sound board: properties by node, `null` takes one away; more nodes below the root. */
export interface BoardChange {
  readonly bridge?: Properties
  readonly its?: Properties
  readonly smmu?: Properties
  readonly gic?: Properties
  readonly nodes?: Readonly<Record<string, NodeSource>>
}

function changed(
  properties: Readonly<Record<string, PropertySource>>,
  change: Properties = {},
): NodeSource['properties'] {
  const result: Record<string, PropertySource> = { ...properties }
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete result[name]
    else result[name] = value
  }
  return result
}

export const HOST_BRIDGE = {
  compatible: 'pci-host-ecam-generic',
  device_type: 'pci',
  'bus-range': [0, 0xff],
  '#address-cells': 3,
  '#size-cells': 2,
} as const

/** A board where all is right: one host bridge, all of whose RequesterIDs pass an SMMUv3 to an ITS as they are. */
export function board(change: BoardChange = {}): NodeSource {
  const its: NodeSource = {
    label: 'its',
    properties:
      changed(
        { compatible: 'arm,gic-v3-its', 'msi-controller': true, '#msi-cells': 1, reg: [0, 0x8080000, 0, 0x20000] },
        change.its,
      ) ?? {},
  }
  const gic: NodeSource = {
    label: 'gic',
    properties:
      changed(
        {
          compatible: 'arm,gic-v3',
          'interrupt-controller': true,
          '#interrupt-cells': 3,
          reg: [0, 0x8000000, 0, 0x10000],
          '#address-cells': 2,
          '#size-cells': 2,
          ranges: true,
        },
        change.gic,
      ) ?? {},
    children: { 'msi-controller@8080000': its },
  }
  const smmu: NodeSource = {
    label: 'smmu',
    properties:
      changed(
        { compatible: 'arm,smmu-v3', '#iommu-cells': 1, reg: [0, 0x9050000, 0, 0x20000], 'dma-coherent': true },
        change.smmu,
      ) ?? {},
  }
  const bridge: NodeSource = {
    label: 'bridge',
    properties:
      changed(
        {
          ...HOST_BRIDGE,
          'bus-range': [0, 0xff],
          'iommu-map': [0, '&smmu', 0, 0x10000],
          'msi-map': [0, '&its', 0, 0x10000],
        },
        change.bridge,
      ) ?? {},
  }
  return {
    properties: { '#address-cells': 2, '#size-cells': 2, compatible: 'emulated,board' },
    children: {
      'interrupt-controller@8000000': gic,
      'iommu@9050000': smmu,
      'pcie@10000000': bridge,
      ...change.nodes,
    },
  }
}

/** What the device-tree rules say of files; `release` is the kernel asked about. */
function judgedFiles(files: TreeDescription, release?: string): readonly FindingReport[] {
  const machine = probeMachine(memorySysroot({ kind: 'sysroot', name: 'test' }, files))
  const routes = buildRoutes(contextOf(machine, release))
  return deviceTreeRules.flatMap((rule) => {
    const { failed, unknown } = rule.check({ machine, routes })
    return [
      ...failed.map((item) => findingReport({ rule, kind: 'fail', item })),
      ...unknown.map((item) => findingReport({ rule, kind: 'unknown', item })),
    ]
  })
}

export function judgedBlob(bytes: Uint8Array, release?: string): readonly FindingReport[] {
  return judgedFiles({ 'sys/firmware/fdt': bytes }, release)
}

export function judgedBoard(change: BoardChange = {}, release = '6.12.0'): readonly FindingReport[] {
  return judgedBlob(writeFdt(encodeDeviceTree(board(change))), release)
}

/** `IR301 medium /pcie@10000000`, in the order of the rules. */
export function briefly(findings: readonly FindingReport[]): readonly string[] {
  return findings.map(({ rule, severity, subject }) => `${rule} ${severity} ${subject}`)
}
