import { describe, expect, test } from 'vitest'
import { unreadSection } from '../../../../src/render/probe/unread-section.js'
import type { UnreadReport } from '../../../../src/report/types.js'
import { PLAIN, report } from '../report-sample.js'

type Row = readonly [source: string, area: UnreadReport['area']]

const denied = (rows: readonly Row[]) =>
  rows.map(([source, area]): UnreadReport => ({ source, area, reason: 'permission', extent: 'whole' }))
const text = (unread: readonly UnreadReport[]) =>
  unreadSection(report([], { unread }), PLAIN)
    .map((block) => ('text' in block ? block.text : ''))
    .join(' ')

describe('what could not be read is named by what it is evidence of, whatever its path', () => {
  const OF_GROUPS: readonly Row[] = [
    ['/sys/kernel/iommu_groups/1/type', 'iommu-groups'],
    ['/sys/kernel/iommu_groups/2/type', 'iommu-groups'],
  ]
  test.each<readonly [readonly Row[], string]>([
    [[['/data/x/config', 'configuration-space']], 'configuration space of 1 function'],
    [[['/a/devices/config', 'other-files']], '/a/devices/config'],
    [[['/sys/firmware/acpi/tables', 'acpi-tables']], 'the ACPI tables'],
    [[['/sys/firmware/acpi/tables/DMAR', 'acpi-tables']], 'ACPI table DMAR'],
    [[['/sys/firmware/devicetree/base/pcie@0/reg', 'device-tree']], '/sys/firmware/devicetree/base/pcie@0/reg'],
    [[['/somewhere/dmesg.0', 'kernel-log']], 'the kernel log'],
    [OF_GROUPS, 'the IOMMU groups (2 files)'],
    [[...OF_GROUPS, ['/proc/cmdline', 'other-files']], 'the IOMMU groups (2 files); /proc/cmdline'],
    [
      ['a', 'b', 'c', 'd', 'e'].map((name): Row => [`/proc/${name}`, 'other-files']),
      '/proc/a, /proc/b, /proc/c and 2 more',
    ],
  ])('%j', (rows, expected) => {
    expect(text(denied(rows))).toContain(`Permission denied: ${expected}. Run as root`)
  })

  test('an area that nobody collected is told once', () => {
    const missed = [...OF_GROUPS, ['/proc/version', 'other-files'] as const].map(([source, area]): UnreadReport => ({
      source,
      area,
      reason: 'not-collected',
      extent: 'whole',
    }))
    expect(text(missed)).toContain('Not collected: the IOMMU groups; /proc/version.')
  })
})
