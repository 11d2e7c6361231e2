import type { IfConfirmedReport } from '../../report/assignment-types.js'
import type { DeviceReport, MsiControllerKind } from '../../report/types.js'
import { enumerate } from '../layout/text-layout.js'
import { VERDICT_WORDS } from './verdict-words.js'

function checker(kind: MsiControllerKind): string {
  switch (kind) {
    case 'its':
      return 'an ITS'
    case 'gicv5-its':
      return 'a GICv5 ITS'
    case 'x86-remapped':
      return 'interrupt remapping'
    case 'gicv2m':
    case 'gicv3-mbi':
    case 'host-bridge':
    case 'imsic':
    case 'x86-vector':
    case 'other':
    case 'none':
    case 'unknown':
      return 'their controller'
  }
}

const KINDS: Readonly<Partial<Record<string, string>>> = {
  smmuv3: 'SMMU',
  smmuv2: 'SMMU',
  'virtio-iommu': 'virtio-iommu',
}

const OPEN_WORDS: Record<IfConfirmedReport['open'][number], (iommu: string) => string> = {
  iommu: (iommu) => `whether the ${iommu} lets others by`,
  'msi-controller': () => 'whether firmware says the same',
  'shared-device-id': () => 'whether others share their DeviceIDs',
  rules: () => 'what may weaken that',
}

/**
 * What is said of devices whose verdict only rights are missing for: what the interrupts in use show, what only root can tell, and
 * what follows if that confirms it. Empty where nothing of the kind can be said.
 */
export function conditionWords(devices: readonly DeviceReport[]): string {
  const open = devices.flatMap((device) =>
    typeof device.ifConfirmed === 'string' ? [] : [{ device, ...device.ifConfirmed }],
  )
  const [first] = open
  if (!first) return ''
  const whose = open.length === devices.length ? 'The interrupts in use' : `Of ${open.length} the interrupts in use`
  const checkers = [...new Set(open.map(({ checkedBy }) => checker(checkedBy)))]
  const asked = new Set(
    open.flatMap(({ device, open: what }) =>
      what.map((one) => OPEN_WORDS[one](KINDS[device.chain.iommu.kind] ?? 'IOMMU')),
    ),
  )
  const verdicts = [...new Set(open.map(({ verdict }) => VERDICT_WORDS[verdict].phrase))].sort()
  const checked = `${whose} are checked by ${enumerate(checkers, 3)}`
  return `${checked}; only root can tell ${enumerate([...asked], 3)}. If nothing there speaks against it, root sees ${verdicts.join(' or ')}.`
}
