import { describe, expect, it } from 'vitest'
import { probeMachine } from '../../../src/probes/machine.js'
import { buildReport } from '../../../src/report/probe/build.js'
import { withAcpiDump } from '../../../src/sysroot/acpi-dump-sysroot.js'
import type { Change } from '../../../src/sysroot/changed-sysroot.js'
import { RecordingSysroot } from '../../../src/sysroot/recording-sysroot.js'
import { memorySysrootFromRecord } from '../../../src/sysroot/record.js'
import type { TracedSysroot } from '../../../src/sysroot/trace.js'
import { bundledMachines } from '../../support/machines.js'

const TABLES = 'sys/firmware/acpi/tables'

/** A table as acpidump prints it. */
function dumped(signature: string, bytes: Uint8Array): string {
  const lines = [`${signature} @ 0x00000000AB120000`]
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)]
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(' ')
    const text = row.map((byte) => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`    ${at.toString(16).toUpperCase().padStart(4, '0')}: ${hex.padEnd(47)}  ${text}`)
  }
  return `${lines.join('\n')}\n\n`
}

const printed = (sysroot: TracedSysroot) => ({ ...buildReport(probeMachine(sysroot)), source: 'left out' })

describe('acpidump beside a copied tree', async () => {
  const machine = (await bundledMachines()).find(({ name }) => name === 'arm-v3its-topo-acpi-612')
  if (!machine) throw new Error('the bundled machine is not there')
  const { sysroot } = machine
  const names = sysroot.list(TABLES)
  const text = (names.state === 'known' ? names.value : [])
    .map((name) => {
      const table = sysroot.bytes(`${TABLES}/${name}`)
      return table.state === 'known' ? dumped(name.slice(0, 4), table.value) : ''
    })
    .join('')
  const withDump = (name: string, content: string) => {
    const changes: [string, Change][] = [
      ['sys/firmware/acpi', { kind: 'removed' }],
      [name, { kind: 'bytes', bytes: Buffer.from(content) }],
      // What a copy does not have is absent; only recordings tell it from what nobody asked for.
      ...['acpidump.txt', 'acpidump.out', 'acpi.dump']
        .filter((other) => other !== name)
        .map((other): [string, Change] => [other, { kind: 'removed' }]),
    ]
    return sysroot.withChanges(changes)
  }

  it.each(['acpidump.txt', 'acpidump.out', 'acpi.dump'])('%s serves the tables', (name) => {
    const dump = withAcpiDump(withDump(name, text))
    const { iort, madt, mcfg } = probeMachine(dump).acpi
    expect([iort.state, madt.state, mcfg.state]).toEqual(['known', 'known', 'known'])
    const original = printed(sysroot)
    const { summary, devices, groups, iommus, msiControllers } = printed(dump)
    expect({ summary, devices, groups, iommus, msiControllers }).toEqual({
      summary: original.summary,
      devices: original.devices,
      groups: original.groups,
      iommus: original.iommus,
      msiControllers: original.msiControllers,
    })
  })

  it('is recorded and replayed as if the tables had been files', () => {
    const dump = withAcpiDump(withDump('acpidump.txt', text))
    const recording = new RecordingSysroot(dump)
    probeMachine(recording)
    expect(printed(memorySysrootFromRecord(recording.record()))).toEqual(printed(dump))
  })

  it('is left alone where the tree has tables, and where it holds none', () => {
    const beside = sysroot.withChange('acpidump.txt', { kind: 'bytes', bytes: Buffer.from(text) })
    expect(withAcpiDump(beside)).toBe(beside)
    const empty = withDump('acpidump.txt', 'nothing to see\n')
    expect(withAcpiDump(empty)).toBe(empty)
  })

  // K: drivers/acpi/sysfs.c, acpi_table_attr_init, numbers them; acpi_get_table takes the first.
  it('numbers tables of one signature, of which Linux takes the first', () => {
    const twice = withAcpiDump(withDump('acpidump.txt', `${text}${text}`))
    const { iort } = probeMachine(twice).acpi
    expect(iort).toMatchObject({ state: 'known', from: [{ path: 'sys/firmware/acpi/tables/IORT1' }] })
    expect(twice.bytes('sys/firmware/acpi/tables/IORT').state).toBe('absent')
  })
})
