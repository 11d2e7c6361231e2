import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { RedactingSysroot } from '../../src/capture/redacting-sysroot.js'
import { probeMachine } from '../../src/probes/machine.js'
import { REPORT_FORMATS, renderAnalysis } from '../../src/render/report-formats.js'
import { renderTopologyDot } from '../../src/render/topology/dot.js'
import { renderTopologyMermaid } from '../../src/render/topology/mermaid.js'
import { renderTopologySvg } from '../../src/render/topology/svg.js'
import { renderTopologyTree } from '../../src/render/topology/tree.js'
import { analyse, type Analysis } from '../../src/report/probe/build.js'
import { openBundle } from '../../src/sysroot/bundle-sysroot.js'
import { tar, type HandmadeEntry } from '../unit/sysroot/handmade-tar.js'

/** Markup of every form that is written, and what ends a cell, a line, a label or a string of it. */
const WORDS = '<img src=x onerror=alert(1)>|`[x](y)"\\}\u202e\u001b[31m\u009b\u0000'
/** The same without what a name of a file cannot have, or a line of a text. */
const NAME = '<img src=x onerror=alert(1)>|`[x](y)"\\}\u202e'

/** What no terminal may get: C0 but the line feed, DEL, C1, bidirectional controls, separators. */
const FORBIDDEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/

/** A machine that puts such words wherever a machine has words. */
function entries(): readonly HandmadeEntry[] {
  const devices = Array.from({ length: 4 }, (_, index): HandmadeEntry[] => {
    const name = `0000:00:0${index}.0`
    const directory = `sys/devices/pci0000:00/${name}`
    return [
      { name: `sys/bus/pci/devices/${name}`, type: '2', linkName: `../../../devices/pci0000:00/${name}` },
      { name: `${directory}/vendor`, content: '0x8086\n' },
      { name: `${directory}/device`, content: index === 0 ? `${WORDS}\n` : '0x1572\n' },
      { name: `${directory}/class`, content: '0x020000\n' },
      { name: `${directory}/driver`, type: '2', linkName: `../../../bus/pci/drivers/${NAME}` },
      { name: `${directory}/driver_override`, content: `${WORDS}\n` },
      { name: `${directory}/uevent`, content: `DRIVER=${WORDS}\nPCI_SLOT_NAME=${name}\n` },
      { name: `${directory}/iommu_group`, type: '2', linkName: `../../../kernel/iommu_groups/${index}` },
      { name: `sys/kernel/iommu_groups/${index}/devices/${name}`, type: '2', linkName: `/${directory}` },
      { name: `sys/kernel/iommu_groups/${index}/type`, content: `${WORDS}\n` },
      { name: `sys/kernel/iommu_groups/${index}/reserved_regions`, content: `0x8000000 0x80fffff ${WORDS}\n` },
    ]
  })
  const identity = ['sys_vendor', 'product_name', 'board_name', 'bios_vendor', 'bios_version', 'bios_date']
  return [
    { name: 'proc/sys/kernel/osrelease', content: `6.12.0-${NAME}\n` },
    { name: 'proc/version', content: `Linux version 6.12.0-${NAME} (a@b) #1\n` },
    { name: 'proc/cmdline', content: `iommu.passthrough=1 ${WORDS} pci=${NAME} root=${NAME}\n` },
    { name: 'proc/interrupts', content: `CPU0\n 24:  1  ${NAME}-PCI-MSI-0000:00:01.0  0 Edge ${NAME}\n` },
    { name: 'var/log/dmesg', content: `[    0.1] DMAR: ${WORDS}\n[    0.2] ITS [mem ${NAME}]\n` },
    ...identity.map((key) => ({ name: `sys/class/dmi/id/${key}`, content: `${WORDS}\n` })),
    { name: `sys/class/iommu/${NAME}`, type: '2', linkName: `../../devices/${NAME}` },
    { name: `etc/modprobe.d/${NAME}.conf`, content: 'options vfio_iommu_type1 allow_unsafe_interrupts=1\n' },
    { name: `sys/firmware/devicetree/base/name`, content: '\0' },
    { name: `sys/firmware/devicetree/base/compatible`, content: `${WORDS}\0` },
    { name: `sys/firmware/devicetree/base/${NAME}@1/name`, content: `${NAME}\0` },
    { name: `sys/firmware/devicetree/base/${NAME}@1/compatible`, content: 'pci-host-ecam-generic\0' },
    { name: `sys/firmware/devicetree/base/${NAME}@1/device_type`, content: 'pci\0' },
    { name: `sys/firmware/devicetree/base/${NAME}@1/msi-map`, content: Buffer.alloc(17) },
    ...devices.flat(),
  ]
}

describe('words of a machine that are markup', () => {
  const options = { columns: 80, colorLevel: 0, now: new Date(0) } as const
  let analysis: Analysis
  beforeAll(async () => {
    const { sysroot } = await openBundle(gzipSync(tar(...entries())), `${NAME}.tar.gz`)
    analysis = analyse(probeMachine(new RedactingSysroot(sysroot)))
  })
  const rendered = async (format: (typeof REPORT_FORMATS)[number], all = true) =>
    [...(await renderAnalysis(analysis, format, { ...options, all })).pieces].join('')

  it('are in the report, where the search finds them', () => {
    expect(JSON.stringify(analysis.report)).toContain('onerror=alert(1)')
  })

  it.each(REPORT_FORMATS)('reach no terminal as controls in %s', async (format) => {
    expect(await rendered(format)).not.toMatch(FORBIDDEN)
    expect(await rendered(format, false)).not.toMatch(FORBIDDEN)
  })

  it('reach no terminal as controls in a picture', () => {
    const { report } = analysis
    expect(renderTopologyTree(report, { ...options, all: true })).not.toMatch(FORBIDDEN)
    for (const picture of [renderTopologyDot, renderTopologyMermaid, renderTopologySvg])
      expect(picture(report)).not.toMatch(FORBIDDEN)
  })

  it.each(['html', 'junit'] as const)('are no tags in %s', async (format) => {
    const text = await rendered(format)
    expect(text).toContain('onerror=alert(1)')
    expect(text).not.toMatch(/<img/)
  })

  it('are no tags in a picture', () => {
    expect(renderTopologySvg(analysis.report)).not.toMatch(/<img/)
  })

  it('are code in Markdown, in one cell of one row', async () => {
    const text = await rendered('markdown')
    const outside = text.replaceAll(/\\./g, '').replaceAll(/`[^`\n]*`/g, '')
    expect(outside).not.toMatch(/<img|\]\(y\)/)
    const rows = text.split('\n').filter((line) => line.startsWith('|'))
    const cells = rows.map((row) => row.replaceAll('\\|', '').split('|').length)
    expect(rows.length).toBeGreaterThan(2)
    for (const [at, row] of rows.entries()) {
      if (/^\|[ :|-]+\|$/.test(row)) expect(cells[at]).toBe(cells[at - 1])
    }
  })

  it('break no line of what monitors read', async () => {
    const metric = /^(?:# (?:HELP|TYPE) \w+ .*|\w+(?:\{(?:\w+="(?:[^"\\\n]|\\["\\n])*",?)*\})? [\d.e+-]+|)$/
    for (const line of (await rendered('prometheus')).split('\n')) expect(line).toMatch(metric)
    const nagios = await rendered('nagios')
    expect(nagios.trimEnd()).not.toContain('\n')
    expect(nagios.split('|').length).toBe(2)
    for (const line of (await rendered('nfd')).split('\n'))
      expect(line).toMatch(/^(?:#.*|[\w./-]+=[\w.-]{0,63}|[\w./-]+|)$/)
    for (const line of (await rendered('ndjson')).trimEnd().split('\n'))
      expect(() => void JSON.parse(line)).not.toThrow()
  })
})
