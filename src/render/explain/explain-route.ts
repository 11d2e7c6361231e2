import type {
  DeviceExplanation,
  RequesterIdReport,
  RouteReport,
  WitnessReport,
} from '../../report/explain/explanation.js'
import type { IommuKind, MsiControllerKind } from '../../report/types.js'
import { deviceWords } from '../words/class-words.js'
import { exact, prose, type Block } from '../layout/document.js'
import { evidenceWords } from '../words/evidence-words.js'
import { enumerate } from '../layout/text-layout.js'

const IOMMU_WORDS: Record<IommuKind, string> = {
  smmuv3: 'SMMUv3',
  smmuv2: 'SMMUv2',
  'virtio-iommu': 'virtio-iommu',
  'vt-d': 'VT-d',
  'amd-vi': 'AMD-Vi',
  riscv: 'RISC-V IOMMU',
  other: 'IOMMU of another kind',
  none: 'no IOMMU',
  unknown: 'IOMMU unknown',
}
const CONTROLLER_WORDS: Record<MsiControllerKind, string> = {
  its: 'ITS',
  'gicv5-its': 'GICv5 ITS',
  gicv2m: 'GICv2m frame',
  'gicv3-mbi': 'message-based interrupts of the GICv3',
  'host-bridge': 'receiver in the host bridge',
  imsic: 'IMSIC',
  'x86-vector': 'processor vectors, not remapped',
  'x86-remapped': 'remapped processor vectors',
  other: 'MSI controller of another kind',
  none: 'no MSI controller',
  unknown: 'MSI controller unknown',
}

const LEADS = {
  device: '  device    ',
  address: '  address   ',
  payload: '  payload   ',
  doorbell: '  doorbell  ',
} as const
const BELOW = '              '

function idList(name: string, ids: readonly string[] | 'unknown'): string {
  if (ids === 'unknown') return `, ${name} unknown`
  return ids.length === 0 ? '' : `, ${name}${ids.length > 1 ? 's' : ''} ${enumerate(ids, 4)}`
}

function requesterIdWords(ids: readonly RequesterIdReport[] | 'unknown', address: string): string {
  if (ids === 'unknown') return 'RequesterID unknown'
  const words = ids.map(({ requesterId, emittedBy }) =>
    emittedBy === address ? requesterId : `${requesterId} by ${emittedBy}`,
  )
  return `RequesterID${words.length > 1 ? 's' : ''} ${enumerate(words, 4)}`
}

/** `described, probed, not in use`; what is seen in use in brackets. */
function witnessWords(link: RouteReport['iommu'] | RouteReport['msiController'], seen: string): string {
  const word = (name: string, { answer }: WitnessReport) =>
    answer === 'yes' ? name : answer === 'no' ? `not ${name}` : `perhaps ${name}`
  if ([link.described, link.probed, link.inUse].every(({ answer }) => answer === 'unknown'))
    return 'nothing in the evidence tells of it'
  const inUse = `${word('in use', link.inUse)}${seen === '' ? '' : ` (${seen})`}`
  return [word('described', link.described), word('probed', link.probed), inUse].join(', ')
}

function sharedWords({ sharedWith, kind }: RouteReport['msiController']): string {
  if (kind !== 'its' && kind !== 'gicv5-its') return ''
  if (sharedWith === 'unknown') return ', perhaps shared'
  if (sharedWith.length === 0) return ', not shared'
  const words = sharedWith.map(({ address, sameGroup }) => (sameGroup ? address : `${address} outside the group`))
  return `, shared with ${enumerate(words, 3)}`
}

function doorbellWords({ physical, window }: RouteReport['doorbell']): string {
  const seen: Record<RouteReport['doorbell']['window']['kind'], string> = {
    software: `seen by the device in ${window.start}-${window.end} (software window)`,
    hardware: `seen by the device in ${window.start}-${window.end} (hardware window)`,
    none: 'no window for it',
    unknown: 'window unknown',
  }
  return physical === 'none' ? 'none' : `${physical === 'unknown' ? 'address unknown' : physical}, ${seen[window.kind]}`
}

function evidenceBelow(witness: WitnessReport, name: string): readonly Block[] {
  return witness.evidence.map((evidence, index) =>
    exact(index === 0 ? `${BELOW}${name.padEnd(10)}` : `${BELOW}          `, evidenceWords(evidence)),
  )
}

/** How much of the route is shown. */
export interface RouteDetail {
  /** The evidence of each witness. */
  readonly all: boolean
}

/** The way of the device's MSIs, link by link; with the evidence of each witness where all is asked for. */
export function routeSection({ device, route }: DeviceExplanation, { all }: RouteDetail): readonly Block[] {
  const { iommu, msiController } = route
  const what = `${deviceWords(device)}, driver ${device.driver}, group ${device.iommuGroup}`
  const chip = msiController.inUse.answer === 'yes' ? `"${msiController.inUse.evidence[0]?.value ?? ''}"` : ''
  const name = (id: string) => (id === 'none' || id === 'unknown' ? '' : ` ${id}`)
  const below = (link: RouteReport['iommu'] | RouteReport['msiController']) =>
    all
      ? [
          ...evidenceBelow(link.described, 'described'),
          ...evidenceBelow(link.probed, 'probed'),
          ...evidenceBelow(link.inUse, 'in use'),
        ]
      : []
  return [
    prose(LEADS.device, `${what}; ${requesterIdWords(route.function.requesterIds, device.address)}`),
    prose(
      LEADS.address,
      `${IOMMU_WORDS[iommu.kind]}${name(iommu.name)}${idList('StreamID', iommu.streamIds)}: ${witnessWords(iommu, iommu.hostDomain === 'none' || iommu.hostDomain === 'unknown' ? '' : `domain "${iommu.hostDomain}"`)}`,
    ),
    ...below(iommu),
    prose(
      LEADS.payload,
      `${CONTROLLER_WORDS[msiController.kind]}${name(msiController.id)}${idList('DeviceID', msiController.deviceIds)}${sharedWords(msiController)}: ${witnessWords(msiController, chip)}`,
    ),
    ...below(msiController),
    prose(LEADS.doorbell, doorbellWords(route.doorbell)),
    ...(all ? route.doorbell.evidence.map((evidence) => exact(BELOW, evidenceWords(evidence))) : []),
  ]
}
