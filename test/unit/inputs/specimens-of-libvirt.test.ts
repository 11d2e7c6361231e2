import { describe, expect, test } from 'vitest'
import { recognise } from '../../../src/inputs/recognise.js'
import type { PciFunction } from '../../../src/machine/pci.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { buildReport } from '../../../src/report/probe/build.js'
import { mangles, readText, valueOf } from '../../support/mangled-texts.js'

/** As libvirt's node device format has it: numbers of the address are decimal, those of a group's members hexadecimal. */
const XML = `<device>
  <name>pci_0000_42_00_0</name>
  <path>/sys/devices/pci0000:40/0000:40:03.1/0000:42:00.0</path>
  <parent>pci_0000_40_03_1</parent>
  <driver>
    <name>vfio-pci</name>
  </driver>
  <capability type='pci'>
    <class>0x030000</class>
    <domain>0</domain>
    <bus>66</bus>
    <slot>0</slot>
    <function>0</function>
    <product id='0x1b80'>GP104 [GeForce GTX 1080]</product>
    <vendor id='0x10de'>NVIDIA Corporation</vendor>
    <iommuGroup number='12'>
      <address domain='0x0000' bus='0x42' slot='0x00' function='0x0'/>
      <address domain='0x0000' bus='0x42' slot='0x00' function='0x1'/>
    </iommuGroup>
    <numa node='1'/>
    <pci-express>
      <link validity='cap' port='0' speed='8' width='16'/>
      <link validity='sta' speed='2.5' width='16'/>
    </pci-express>
  </capability>
</device>

<device>
  <name>pci_0000_42_00_1</name>
  <path>/sys/devices/pci0000:40/0000:40:03.1/0000:42:00.1</path>
  <parent>pci_0000_40_03_1</parent>
  <driver>
    <name>snd_hda_intel</name>
  </driver>
  <capability type='pci'>
    <class>0x040300</class>
    <domain>0</domain>
    <bus>66</bus>
    <slot>0</slot>
    <function>1</function>
    <product id='0x10f0'>GP104 High Definition Audio Controller</product>
    <vendor id='0x10de'>NVIDIA Corporation</vendor>
    <iommuGroup number='12'>
      <address domain='0x0000' bus='0x42' slot='0x00' function='0x0'/>
      <address domain='0x0000' bus='0x42' slot='0x00' function='0x1'/>
    </iommuGroup>
    <numa node='1'/>
  </capability>
</device>
`
const TOLD = [
  ['0000:42:00.0', 0x10de, 0x1b80, 0x030000, 'vfio-pci', '12', 1],
  ['0000:42:00.1', 0x10de, 0x10f0, 0x040300, 'snd_hda_intel', '12', 1],
]

function toldOf(bytes: Uint8Array): readonly (readonly unknown[])[] {
  const { functions } = probeMachine(readText(bytes).sysroot)
  const words = ({ vendor, device, classCode, driver, iommuGroup, numaNode }: PciFunction) =>
    [vendor, device, classCode, driver, iommuGroup, numaNode].map(valueOf)
  return functions.state === 'known' ? functions.value.map((fn) => [fn.name, ...words(fn)]) : []
}
const groupsOf = (text: string) => buildReport(probeMachine(readText(Buffer.from(text)).sysroot)).groups

describe('virsh nodedev-dumpxml', () => {
  test.each(mangles)('%s', (how, mangle) => {
    expect(recognise(mangle(XML)).kind, how).toBe('text')
    expect(readText(mangle(XML)).found.map(({ kind }) => kind)).toEqual(['virsh nodedev-dumpxml'])
    expect(toldOf(mangle(XML))).toEqual(TOLD)
  })

  test('one device names the members of its group', () => {
    const [one = ''] = XML.split('\n\n')
    expect(groupsOf(`${one}\n`).map(({ id, devices }) => [id, devices])).toEqual([
      ['12', ['0000:42:00.0', '0000:42:00.1']],
    ])
  })

  test('cut anywhere it tells nothing that is another, and of no group that it is viable', () => {
    for (let length = 1; length < XML.length; length += 3) {
      const text = XML.slice(0, length)
      for (const [name, ...words] of toldOf(Buffer.from(text))) {
        const expected = TOLD.find(([whole]) => whole === name)
        expect(expected, text.slice(-20)).toBeDefined()
        const others = words.filter((word, at) => word !== 'unreadable' && word !== expected?.[at + 1])
        expect(others, text.slice(-20)).toEqual([])
      }
      expect(
        groupsOf(text).filter(({ viable }) => viable === 'yes'),
        text.slice(-20),
      ).toEqual([])
    }
  })
})
