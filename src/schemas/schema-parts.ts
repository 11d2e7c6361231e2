import { z } from 'zod'

// Words and shapes that the schemas of several documents share.

export const VERDICT = z.enum(['isolated', 'isolated-with-caveats', 'not-isolated', 'unknown'])
export const ANSWER = z.enum(['yes', 'no', 'unknown'])
export const ERRNO = z
  .enum(['EPERM', 'EINVAL', 'EAGAIN', 'ENODEV', 'none', 'unknown'])
  .describe('Error that the system call returns; none when it succeeds or is not there')
export const IOMMU_KIND = z.enum([
  'smmuv3',
  'smmuv2',
  'virtio-iommu',
  'vt-d',
  'amd-vi',
  'riscv',
  'other',
  'none',
  'unknown',
])
export const MSI_CONTROLLER_KIND = z.enum([
  'its',
  'gicv5-its',
  'gicv2m',
  'gicv3-mbi',
  'host-bridge',
  'imsic',
  'x86-vector',
  'x86-remapped',
  'other',
  'none',
  'unknown',
])
export const ACTOR = z.enum(['hardware', 'firmware', 'kernel', 'configuration'])
export const READ_FAILURE = z.enum(['permission', 'io', 'malformed', 'too-large', 'not-collected'])
export const EVIDENCE_PLACE = z.enum([
  'acpi-tables',
  'device-tree',
  'iommu-groups',
  'iommu-class',
  'configuration-space',
  'interrupts',
  'pci-functions',
  'kernel-modules',
  'kernel-log',
  'kernel-configuration',
  'modprobe-options',
  'device-nodes',
  'firmware',
  'debugfs',
  'other-files',
])

type List<T extends z.ZodType> = z.ZodReadonly<z.ZodArray<T>>
export const list = <T extends z.ZodType>(item: T): List<T> => z.array(item).readonly()
export const hexOrWord = (meaning: string): z.ZodString =>
  z.string().describe(`${meaning}: lower-case hex with 0x, or none, or unknown`)
export const addresses = (meaning: string): List<z.ZodString> =>
  list(z.string()).describe(`${meaning}, sorted by address`)
export const idList = (meaning: string): z.ZodUnion<readonly [List<z.ZodString>, z.ZodLiteral<'unknown'>]> =>
  z
    .union([list(z.string()), z.literal('unknown')])
    .describe(`${meaning}: lower-case hex; unknown when it cannot be told`)
