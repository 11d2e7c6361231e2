import { describe, expect, test } from 'vitest'
import { probeMachine } from '../../../src/probes/machine.js'
import { buildReport } from '../../../src/report/probe/build.js'
import type { GroupReport } from '../../../src/report/types.js'
import { readText } from '../../support/mangled-texts.js'

const PORT = `01:00.0 Ethernet controller [0200]: Intel Corporation X710 [8086:1572] (rev 02)
	Flags: bus master, fast devsel, latency 0, IRQ 16, IOMMU group 2
	Kernel driver in use: vfio-pci

01:00.1 Ethernet controller [0200]: Intel Corporation X710 [8086:1572] (rev 02)
	Flags: bus master, fast devsel, latency 0, IRQ 16, IOMMU group 2
	Kernel driver in use: vfio-pci
`
const LOOP = `IOMMU Group 2:
	01:00.0 Ethernet controller [0200]: Intel Corporation X710 [8086:1572] (rev 02)
	01:00.1 Ethernet controller [0200]: Intel Corporation X710 [8086:1572] (rev 02)

`
const JOINED = `[    0.500000] pci 0000:01:00.0: Adding to iommu group 2
[    0.500001] pci 0000:01:00.1: Adding to iommu group 2
`
const START = '[    0.000000] Linux version 6.12.0 (builder@host) (gcc 14) #1 SMP\n'

function groupOf(text: string): GroupReport {
  const [group] = buildReport(probeMachine(readText(Buffer.from(text)).sysroot)).groups
  if (!group) throw new Error('no group was told')
  return group
}

const shown = ({ devices, membersComplete, viable, verdict }: GroupReport) => ({
  devices,
  membersComplete,
  viable,
  verdict,
})
const MEMBERS = ['0000:01:00.0', '0000:01:00.1']

describe('members of a group', () => {
  test('that only a listing of functions names may not be all: what is not shown may hold the group', () => {
    const told = { devices: MEMBERS, membersComplete: 'unknown', viable: 'unknown', verdict: 'unknown' }
    expect(shown(groupOf(PORT))).toEqual(told)
    // The first line may have been overwritten, or a filter may have passed it over.
    expect(shown(groupOf(`${PORT}\n${JOINED}`))).toEqual(told)
  })

  test('of whom one is held keep the group all the same', () => {
    expect(groupOf(PORT.replace('use: vfio-pci', 'use: i40e')).viable).toBe('no')
  })

  test('are all where a text lists the group, or the log goes back to its start', () => {
    for (const text of [`${PORT}\n${LOOP}`, `${PORT}\n${START}${JOINED}`]) {
      expect(shown(groupOf(text))).toMatchObject({ devices: MEMBERS, membersComplete: 'yes', viable: 'yes' })
    }
  })
})
