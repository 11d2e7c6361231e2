import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RedactingSysroot } from '../../../src/capture/redacting-sysroot.js'
import { NIC, PORT, smallMachine } from '../probes/small-machine.js'

const FIRM = 'secretcorp'
const BASE = 'sys/firmware/devicetree/base'
const DEVICE = `sys/devices/pci0000:00/${PORT}/${NIC}`

const machine = new RedactingSysroot(
  smallMachine({
    'proc/sys/kernel/osrelease': `6.12.95-${FIRM}\n`,
    'proc/version': `Linux version 6.12.95-${FIRM} (root@${FIRM}) #1 SMP\n`,
    [`etc/modprobe.d/${FIRM}.conf`]: 'options vfio_iommu_type1 allow_unsafe_interrupts=1\n',
    [`etc/modprobe.d/${FIRM}-sound.conf`]: 'options snd index=0\n',
    [`${BASE}/name`]: '\0',
    [`${BASE}/compatible`]: `linux,dummy\0Rack 7 of ${FIRM}\0`,
    [`${BASE}/${FIRM}-node@1000/name`]: `${FIRM}-node\0`,
    [`${BASE}/${FIRM}-node@1000/${FIRM},flag`]: `owned by ${FIRM}\0`,
    [`${DEVICE}/uevent`]: `DRIVER=igb\nOF_FULLNAME=/pcie@${FIRM}\nOF_COMPATIBLE_0=${FIRM},nic\nOWNER=${FIRM}\n`,
    'proc/interrupts': [
      '           CPU0',
      ` 40:          1  ITS-PCI-MSIX-${NIC}   0 Edge      ${FIRM}-eth0`,
      ` 41:          1  GICv3 ${FIRM}-user`,
      `IPI0:         1  ${FIRM} interrupts`,
      '',
    ].join('\n'),
  }),
)

const text = (path: string) => {
  const read = machine.text(path)
  return read.state === 'known' ? read.value : read.state
}
const names = (path: string) => {
  const read = machine.list(path)
  return read.state === 'known' ? read.value : read.state
}

/** What a name is for, so that it stays, or why it goes: docs/captures.md has the same rows. */
describe('what may still name somebody', () => {
  it('is kept of the release: its suffix names the rules of a distribution', () => {
    expect(text('proc/sys/kernel/osrelease')).toBe(`6.12.95-${FIRM}\n`)
    expect(text('proc/version')).toBe(`Linux version 6.12.95-${FIRM} redacted\n`)
  })

  it('is kept of files in modprobe.d that decide, and of no others', () => {
    expect(names('etc/modprobe.d')).toEqual([`${FIRM}.conf`])
  })

  it('is kept of nodes and properties, whose values go', () => {
    expect(names(BASE)).toContain(`${FIRM}-node@1000`)
    expect(names(`${BASE}/${FIRM}-node@1000`)).toContain(`${FIRM},flag`)
    expect(text(`${BASE}/${FIRM}-node@1000/${FIRM},flag`)).not.toContain(FIRM)
  })

  it('is replaced in strings of compatible that are free texts, with their length', () => {
    const compatible = text(`${BASE}/compatible`)
    expect(compatible).not.toContain(FIRM)
    expect(compatible).toMatch(/^linux,dummy\0/)
    expect(compatible.length).toBe(`linux,dummy\0Rack 7 of ${FIRM}\0`.length)
  })

  it('is kept of uevent where it confirms a link, and nothing else of it', () => {
    expect(text(`${DEVICE}/uevent`)).toBe(`DRIVER=igb\nOF_FULLNAME=/pcie@${FIRM}\n`)
  })

  it('is replaced in users of interrupts, with a number or without', () => {
    expect(text('proc/interrupts')).toBe(`CPU0\n40: 0 ITS-PCI-MSIX-${NIC}   0 Edge\n41: 0 GICv3 -\n`)
  })

  it('is told to who makes a capture, row by row', () => {
    const page = readFileSync(resolve('docs/captures.md'), 'utf8')
    const rows = page.slice(page.indexOf('## What may still name somebody'))
    for (const what of [
      'release with its suffix',
      '`modprobe.d`',
      'nodes and properties',
      'compatible',
      'uevent',
      'users of',
    ])
      expect(rows).toContain(what)
  })
})
