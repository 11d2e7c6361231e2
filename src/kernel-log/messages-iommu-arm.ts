import { NAMES, wording, type KernelLogMessage } from './message.js'

const { address, device, function: pciFunction, smmu } = NAMES
const smmuDevice = String.raw`(?:[0-9a-f]{1,16}\.(?:smmuv3|smmu|iommu)|arm-smmu(?:-v3)?\.\d{1,3}\.auto)`
const V3 = 'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c'
const V2 = 'drivers/iommu/arm/arm-smmu/arm-smmu.c'

/** What Arm's SMMU drivers and the IORT print. */
export const ARM_IOMMU_MESSAGES: readonly KernelLogMessage[] = [
  {
    id: 'smmu-found',
    topic: 'translation',
    words: ['smmu'],
    wordings: [
      wording(`${smmu}: (?:ias \\d+-bit, )?oas \\d+-bit \\(features ${address}\\)`),
      wording(`${smmu}: option mask ${address}`),
      wording(`${smmu}: (?:probing hardware configuration|SMMUv[12] with)`),
    ],
    says: 'The driver found this SMMU.',
    source: `${V3}: arm_smmu_device_hw_probe; ${V2}: arm_smmu_device_cfg_probe`,
  },
  {
    id: 'smmu-coherency-overridden',
    topic: 'refusal',
    words: ['COHACC'],
    wordings: [wording(`${smmu}: IDR0\\.COHACC overridden by FW configuration \\((?:false|true)\\)`)],
    says: 'Firmware and the SMMU disagree whether its table walks see the caches. With (false) VFIO refuses every device behind it, with EINVAL.',
    source: `${V3}: arm_smmu_device_hw_probe`,
  },
  {
    id: 'stream-id-taken',
    topic: 'refusal',
    words: ['stream'],
    wordings: [wording(`${pciFunction}: stream \\d{1,10} already in tree(?: from dev ${pciFunction})?`)],
    says: 'Another function has this StreamID already. The SMMU refuses this one: it gets no IOMMU group, and vfio-pci does not bind (EINVAL).',
    source: `${V3}: arm_smmu_insert_master`,
    releases: 'up to 6.14',
  },
  {
    id: 'stream-id-aliased',
    topic: 'refusal',
    words: ['StreamID'],
    wordings: [wording(`${pciFunction}: Aliasing StreamID ${address} \\(from ${pciFunction}\\) unsupported`)],
    says: 'Another function has this StreamID already. The SMMU refuses this one: it gets no IOMMU group, and vfio-pci does not bind (EINVAL).',
    source: `${V3}: arm_smmu_insert_master`,
    releases: '6.15 and later',
  },
  {
    id: 'stream-id-out-of-range',
    topic: 'refusal',
    words: ['SMMU'],
    wordings: [wording(`${device}: (?:stream ID|SMR mask) ${address} out of range for SMMU \\(${address}\\)`)],
    says: 'Firmware gives the device a StreamID larger than this SMMU has bits for, so the driver refuses it: the device gets no IOMMU group.',
    source: `${V2}: arm_smmu_probe_device`,
  },
  {
    id: 'smmu-attach-elsewhere',
    topic: 'refusal',
    words: ['attach'],
    wordings: [
      wording(`${device}: cannot attach to (?:SMMU|IOMMU), is it on the same bus\\?`),
      wording(
        `(${device}): cannot attach to (?:SMMU|IOMMU)\\b.{0,60}?(?:whilst|while) already attached`,
        '$1: cannot attach to SMMU whilst already attached',
      ),
      wording(`${device}: cannot attach to (?:incompatible domain|stall-)`),
      wording(`${device}: cannot attach to SMMU`),
    ],
    says: 'The domain belongs to another SMMU, or the device to none: devices behind different SMMUs cannot share one VFIO container domain, and a device without a StreamID has none.',
    source: `${V2}, ${V3}: arm_smmu_attach_dev`,
    releases: 'SMMUv3 up to 6.1; later releases answer EINVAL without a line',
  },
  {
    id: 'smmu-unknown-stream',
    topic: 'translation',
    words: ['Blocked'],
    wordings: [wording(/Blocked unknown Stream ID 0x[0-9a-f]{1,8}/)],
    says: 'A device wrote with a StreamID that nobody gave it: firmware does not describe the device to this SMMU, or gives it another StreamID. arm-smmu.disable_bypass=0 lets it pass and with it every other.',
    source: `${V2}: arm_smmu_global_fault`,
    releases: '5.2 and later',
  },
  {
    id: 'smmu-global-fault',
    topic: 'translation',
    words: ['global'],
    wordings: [
      wording(/Unexpected global fault, this could be serious/),
      wording(`unexpected global error reported \\(${address}\\), this could be serious`),
    ],
    says: 'The SMMU reports a fault that belongs to no domain, often a StreamID that is not described.',
    source: `${V2}: arm_smmu_global_fault; ${V3}: arm_smmu_gerror_handler`,
  },
  {
    id: 'smmu-event',
    topic: 'translation',
    words: ['event'],
    wordings: [
      wording(`${smmu}: event 0x[0-9a-f]{2} received`),
      wording(`${smmu}: event: [A-Z_]{1,24} client: (?:${device}|\\(unassigned sid\\))`),
      wording(`${smmu}: event: [A-Z_]{1,24}`),
    ],
    says: 'The SMMU stopped an access. 0x02 or C_BAD_STREAMID: the StreamID is not described; 0x10 or F_TRANSLATION: the address is not mapped.',
    source: `${V3}: arm_smmu_dump_event`,
  },
  {
    id: 'iort-conflicting-mapping',
    topic: 'translation',
    words: ['conflicting'],
    wordings: [
      wording(
        /^ACPI: IORT: \[Firmware Bug\]: .*conflicting mapping/,
        'ACPI: IORT: [Firmware Bug]: conflicting mapping',
      ),
    ],
    says: 'Two ID mappings of the IORT meet at one id: a count is one too large, and Linux corrects it for some tables.',
    source: 'drivers/acpi/arm64/iort.c: iort_id_map',
  },
  {
    id: 'iort-single-mapping',
    topic: 'translation',
    words: ['SINGLE'],
    wordings: [
      wording(
        /^ACPI: IORT: .*SINGLE MAPPING flag not allowed/,
        'ACPI: IORT: [Firmware Bug]: SINGLE MAPPING flag not allowed',
      ),
    ],
    says: 'The IORT marks an ID mapping as single on a node that may not have one; Linux passes it over.',
    source: 'drivers/acpi/arm64/iort.c: iort_id_map',
  },
  {
    id: 'iommu-driver-failed',
    topic: 'translation',
    words: ['probe', 'Failed', 'failed', 'unable', 'GBPA', 'missing', 'translation', 'MMIO', 'supported'],
    wordings: [
      wording(`${smmu}: probe with driver arm-smmu(?:-v3)? failed with error -\\d{1,3}`),
      wording(`^arm-smmu(?:-v3)?: probe of ${smmuDevice} failed with error -\\d{1,3}`),
      wording(
        `${smmu}: (?:[Ff]ailed to|unable to|missing|no translation support|GBPA not responding|MMIO region too small|unknown output address size|AArch64 table format not supported)[\\w ,.()=!-]{0,80}`,
      ),
      wording(
        /^virtio_iommu virtio\d{1,4}: (?:probe with driver virtio_iommu failed with error -\d{1,3}|[Ff]ailed to [\w ]{1,40})/,
      ),
    ],
    says: 'The driver of this IOMMU started and gave up: whatever stands behind it is not translated and cannot be assigned.',
    source: `${V3}, ${V2}: arm_smmu_device_probe; drivers/base/dd.c: really_probe`,
  },
  {
    id: 'iommu-probe-pending',
    topic: 'translation',
    words: ['pending'],
    wordings: [wording(`^(?:platform|virtio) ${device}: deferred probe pending(?:: [\\w .:/@,-]{1,96})?`)],
    says: 'The driver of this device waits for another one that never came: a clock, a power domain, an IOMMU.',
    source: 'drivers/base/dd.c: deferred_probe_timeout_work_func',
  },
]
