import { describe, expect, it } from 'vitest'
import { encodeDeviceTree, type PropertySource } from '../../../src/emulator/firmware/devicetree-source.js'
import { emulateMachine } from '../../../src/emulator/emulate.js'
import { SysfsBuilder } from '../../../src/emulator/sysfs-builder.js'
import { writeDeviceTreeDirectory } from '../../../src/emulator/firmware/devicetree-directory.js'
import { writeFdt } from '../../../src/emulator/firmware/fdt-writer.js'
import { MemorySysroot, MemoryTree } from '../../../src/sysroot/memory-sysroot.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { analyse } from '../../../src/report/probe/build.js'
import { deviceTreeRules } from '../../../src/rules/devicetree-rules.js'
import { board, briefly, judgedBlob, judgedBoard } from './judged-tree.js'
import { arm, judged } from './metal.js'
import { BRIDGE, FAULTS, FRAMES, OTHER } from './tree-faults.js'

describe('rules about device trees', () => {
  it.each(['4.19.0', '6.1.0', '6.12.0', '7.1.0', '7.2.0', undefined])(
    'find nothing on a sound board (%s)',
    (release) => {
      expect(judgedBlob(writeFdt(encodeDeviceTree(board())), release)).toEqual([])
    },
  )

  it.each(FAULTS)('%s', (_, change, release, findings) => {
    expect(briefly(judgedBoard(change, release))).toEqual(findings)
  })

  it('find nothing where the same is right', () => {
    const shifted = { ...OTHER['pcie@20000000'].properties, 'msi-map': [0, '&its', 0x10000, 0x10000] }
    expect(judgedBoard({ nodes: { 'pcie@20000000': { properties: shifted } } })).toEqual([])
    expect(judgedBoard({ nodes: FRAMES, bridge: { 'msi-map': [0, '&first', 0, 0x10000] } })).toEqual([])
    expect(judgedBoard({ bridge: { 'msi-map-mask': 0xffff, 'iommu-map-mask': 0xffff } })).toEqual([])
    expect(judgedBoard({ bridge: { 'bus-range': [0, 0xf], 'msi-map': [0, '&its', 0, 0x1000] } })).toEqual([])
    expect(judgedBoard({ its: { '#msi-cells': null }, bridge: { 'msi-map': null, 'msi-parent': ['&its'] } })).toEqual(
      [],
    )
    const lastDevice = { 'bus-range': [0, 0], 'msi-map': [0, '&its', 0, 0xff, 0xff, '&its', 0xff, 1] } as const
    expect(judgedBoard({ bridge: lastDevice })).toEqual([])
    expect(judgedBoard({ nodes: { 'dma@1': { properties: { 'msi-parent': ['&its', 0x10000] } } } })).toEqual([])
    const five = { smmu: { compatible: 'arm,mmu-500', '#iommu-cells': 2 }, bridge: { 'bus-range': [0, 0] } }
    const bridge = { ...five.bridge, 'iommu-map': [0, '&smmu', 0, 0, 1], 'msi-map': [0, '&its', 0, 0x100] }
    expect(briefly(judgedBoard({ ...five, bridge }, '7.2.0'))).toEqual([`IR306 low ${BRIDGE}`])
  })

  it('leave disabled host bridges alone', () => {
    expect(judgedBoard({ bridge: { status: 'disabled', 'msi-map': [0, 0x77, 0] } })).toEqual([])
  })

  it('say of an unnamed release what only some kernels refuse, as low', () => {
    const change = { smmu: { compatible: 'arm,mmu-500', '#iommu-cells': 2 } }
    const findings = judgedBlob(writeFdt(encodeDeviceTree(board(change))))
    expect(briefly(findings)).toEqual([`IR303 low ${BRIDGE}`, `IR303 info ${BRIDGE}`])
    expect(findings[0]?.summary).toContain('Linux from 7.2 on refuses it (EINVAL)')
  })

  it('name node, property and cells as evidence, with the place in the blob', () => {
    const [finding] = judgedBoard({ bridge: { 'msi-map': [0, 0x77, 0, 0x10000] } })
    expect(finding?.summary).toBe(
      'Entry 0 of msi-map on /pcie@10000000 names phandle 0x77, which no node has. Linux gives the entry up (ENODEV) and takes the default of the bus.',
    )
    expect(finding?.evidence).toHaveLength(1)
    expect(finding?.evidence[0]?.source).toBe('/sys/firmware/fdt')
    expect(finding?.evidence[0]?.locator).toMatch(/^offset 0x[0-9a-f]+, \d+ bytes$/)
    expect(finding?.evidence[0]?.value).toBe('/pcie@10000000 msi-map = <0x0 0x77 0x0 0x10000>')
    expect(finding?.references).toContain('Device tree bindings: Documentation/devicetree/bindings/pci/pci-msi.txt')
  })

  it('cannot tell the first of several frames from a directory alone', () => {
    const builder = new SysfsBuilder()
    const tree = board({ nodes: FRAMES, bridge: { 'msi-map': [0, '&first', 0, 0x10000] } })
    writeDeviceTreeDirectory(encodeDeviceTree(tree), builder, 'sys/firmware/devicetree/base')
    const sysroot = new MemorySysroot({ kind: 'sysroot', name: 'test' }, new MemoryTree(builder.tree()))
    const { evaluation } = analyse(probeMachine(sysroot))
    expect(evaluation.outcomes.get('IR308')).toBe('unknown')
  })

  it('hold what the directory lacks against the boot blob', () => {
    const blob = writeFdt(encodeDeviceTree(board()))
    const builder = new SysfsBuilder().file('sys/firmware/fdt', blob)
    const lacking = board({ bridge: { 'msi-map': null }, smmu: { reg: [0, 0x9060000, 0, 0x20000] } })
    writeDeviceTreeDirectory(encodeDeviceTree(lacking), builder, 'sys/firmware/devicetree/base')
    const sysroot = new MemorySysroot({ kind: 'sysroot', name: 'test' }, new MemoryTree(builder.tree()))
    const { report } = analyse(probeMachine(sysroot))
    const found = report.findings.filter(({ rule }) => rule === 'IR315')
    expect(found.map(({ severity, summary }) => `${severity}: ${summary}`).sort()).toEqual([
      'low: The property reg of /iommu@9050000 has other bytes in the running tree than in the boot blob. Linux goes by the running tree.',
      'medium: The property msi-map of /pcie@10000000 is in the boot blob and not in the running tree. Linux goes by the running tree.',
    ])
  })

  it('compare the maps of tree and tables', () => {
    const tables = emulateMachine(arm())
    const blob = (msiMap: PropertySource) =>
      writeFdt(encodeDeviceTree(board({ bridge: { 'linux,pci-domain': 0, 'msi-map': msiMap } })))
    const said = (msiMap: PropertySource) => {
      const files = new Map(tables).set('sys/firmware/fdt', { kind: 'file', content: blob(msiMap) })
      const sysroot = new MemorySysroot({ kind: 'emulated', name: 'test' }, new MemoryTree(files))
      return analyse(probeMachine(sysroot)).report.findings.filter(({ rule }) => rule === 'IR390')
    }
    expect(said([0, '&its', 0, 0x10000])).toEqual([])
    expect(said([0, '&its', 0x20000, 0x10000]).map(({ summary }) => summary)).toEqual([
      'RequesterID 0x0 of /pcie@10000000 (segment 0) has DeviceID 0x20000 at 0x8080000 in the device tree and DeviceID 0x0 at 0x8080000 in the ACPI tables. Linux uses one of the two, the tables where it booted with ACPI.',
    ])
  })

  it('are unknown where the tree cannot be read', () => {
    const findings = judgedBlob(new Uint8Array([0xd0, 0x0d, 0xfe, 0xed, 1, 2, 3]), '6.12.0')
    expect(findings.map(({ rule }) => rule)).toEqual(deviceTreeRules.map(({ id }) => id))
    expect(new Set(findings.map(({ outcome }) => outcome))).toEqual(new Set(['unknown']))
  })
})

describe('rules about device trees, with functions', () => {
  const tree = (change: object) => judged({ machine: { ...arm(), firmware: 'devicetree', ...change } })
  const [complex] = arm().rootComplexes
  const findings = (change: object, rule: string) =>
    tree({ rootComplexes: [{ ...complex, ...change }] }).report.findings.filter((finding) => finding.rule === rule)

  it('name the functions that a map leaves out', () => {
    const found = findings({ iommuMap: [{ from: 0, count: 0x100, to: 'smmu' }] }, 'IR306')
    expect(found.map(({ severity, devices }) => [severity, devices])).toContainEqual(['high', ['0000:01:00.0']])
  })

  it('lower a verdict by changing offsets and differing masks, and by nothing else', () => {
    const iommuMap = [
      { from: 0, count: 0x100, to: 'smmu' },
      { from: 0x100, count: 0xff00, to: 'smmu', outputBase: 0x20000 },
    ]
    const { report } = tree({ rootComplexes: [{ ...complex, iommuMap }] })
    const changes = report.findings.filter(({ rule }) => rule === 'IR316')
    expect(changes.map(({ effect, devices }) => [effect, devices])).toEqual([
      ['caveat', ['0000:00:01.0', '0000:01:00.0']],
      ['caveat', ['0000:00:01.0', '0000:01:00.0']],
    ])
    const verdict = report.devices.find(({ address }) => address === '0000:01:00.0')?.verdict
    expect(verdict).toBe('isolated-with-caveats')
    expect(deviceTreeRules.filter(({ effect }) => effect !== 'none').map(({ id }) => id)).toEqual(['IR305', 'IR316'])
  })

  it('say nothing of a sound machine', () => {
    const { report } = tree({})
    expect(report.findings.filter(({ rule }) => rule.startsWith('IR3'))).toEqual([])
    expect(report.devices.find(({ address }) => address === '0000:01:00.0')?.verdict).toBe('isolated')
  })
})
