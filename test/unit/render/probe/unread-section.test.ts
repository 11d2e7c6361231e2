import { describe, expect, test } from 'vitest'
import { renderHumanProbe } from '../../../../src/render/probe/human-probe.js'
import { unreadSection } from '../../../../src/render/probe/unread-section.js'
import type { UnreadReport } from '../../../../src/report/types.js'
import { device, PLAIN, report } from '../report-sample.js'
import { withoutExpansions } from '../terms/without-expansions.js'

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

test('what root would add is told for a live host, and not promised for a capture', () => {
  const unread = [
    { source: '/sys/firmware/acpi/tables/APIC', area: 'acpi-tables', reason: 'permission', extent: 'whole' },
    { source: '/sys/firmware/acpi/tables/IORT', area: 'acpi-tables', reason: 'permission', extent: 'whole' },
    {
      source: '/sys/bus/pci/devices/0000:01:00.0/config',
      area: 'configuration-space',
      reason: 'permission',
      extent: 'whole',
    },
    { source: '/sys/firmware/acpi/tables/MCFG', area: 'acpi-tables', reason: 'malformed', extent: 'whole' },
  ] as const
  const live = withoutExpansions(renderHumanProbe(report([device('0000:01:00.0')], { unread }), PLAIN))
  expect(live).toContain(
    'Not read Permission denied: ACPI tables APIC and IORT; configuration space of 1 function. Run as root to read them. Damaged: /sys/firmware/acpi/tables/MCFG.',
  )
  const log = {
    source: '/var/log/dmesg',
    area: 'kernel-log',
    reason: 'malformed',
    extent: '3 of 20 lines not read',
  } as const
  expect(withoutExpansions(renderHumanProbe(report([device('0000:01:00.0')], { unread: [log] }), PLAIN))).toContain(
    'Not read Kernel log: 3 of 20 lines not read.',
  )
  const captured = report([device('0000:01:00.0')], { unread, source: { kind: 'bundle', name: 'x.tar.gz' } })
  expect(renderHumanProbe(captured, PLAIN)).not.toContain('Run as root')
})
