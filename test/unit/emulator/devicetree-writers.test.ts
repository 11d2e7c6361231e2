import { describe, expect, it } from 'vitest'
import { writeDeviceTreeDirectory } from '../../../src/emulator/firmware/devicetree-directory.js'
import { encodeDeviceTree, wideCells, type NodeSource } from '../../../src/emulator/firmware/devicetree-source.js'
import { writeFdt } from '../../../src/emulator/firmware/fdt-writer.js'
import { SysfsBuilder } from '../../../src/emulator/sysfs-builder.js'
import { decompile, hexOf } from './tools.js'
import { hasDtc } from '../../support/outside.js'

const TREE: NodeSource = {
  properties: { '#address-cells': 2, compatible: ['vendor,board', 'vendor,soc'], model: 'Board', empty: true },
  children: {
    'its@8080000': {
      label: 'its',
      properties: { 'msi-controller': true, reg: [...wideCells('0x108080000'), 0, 0x20000], '#msi-cells': 1 },
    },
    'smmu@9050000': { label: 'smmu', properties: { phandle: 1, mac: { bytes: '00 11 22' } } },
    'pcie@10000000': {
      properties: {
        'msi-map': [0, '&its', 0x10000, 0x10000],
        'iommu-map': [0, '&smmu', 0, 0x10000],
        stale: [0xdeadbeef],
      },
    },
  },
}

describe('device-tree writers', () => {
  it('encodes cells big-endian, strings with NUL, and counts phandles past those that are given', () => {
    const root = encodeDeviceTree(TREE)
    const [its, smmu, pcie] = root.children
    expect(hexOf(root.properties.get('compatible') ?? new Uint8Array())).toBe(
      Buffer.from('vendor,board\0vendor,soc\0').toString('hex'),
    )
    expect(root.properties.get('empty')).toHaveLength(0)
    expect(hexOf(its?.properties.get('reg') ?? new Uint8Array())).toBe('00000001080800000000000000020000')
    expect(hexOf(its?.properties.get('phandle') ?? new Uint8Array())).toBe('00000002')
    expect(hexOf(smmu?.properties.get('mac') ?? new Uint8Array())).toBe('001122')
    expect(hexOf(pcie?.properties.get('msi-map') ?? new Uint8Array())).toBe('00000000000000020001000000010000')
    expect(hexOf(pcie?.properties.get('iommu-map') ?? new Uint8Array())).toBe('00000000000000010000000000010000')
  })

  it('refuses a label that no node has', () => {
    expect(() => encodeDeviceTree({ properties: { 'msi-parent': ['&nothing'] } })).toThrow('"&nothing"')
  })

  it('writes a blob byte by byte', () => {
    const blob = writeFdt(encodeDeviceTree({ properties: { a: 1 }, children: { n: { properties: { a: 'x' } } } }))
    expect(hexOf(blob)).toBe(
      [
        'd00dfeed 00000076 00000038 00000074 00000028 00000011 00000010 00000000 00000002 0000003c',
        '0000000000000000 0000000000000000',
        '00000001 00000000 00000003 00000004 00000000 00000001',
        '00000001 6e000000 00000003 00000002 00000000 78000000 00000002 00000002 00000009',
        '6100',
      ]
        .join('')
        .replaceAll(' ', ''),
    )
  })

  it.skipIf(!hasDtc)(`writes a blob that dtc reads back${hasDtc ? '' : ' (skipped: no dtc here)'}`, () => {
    const source = decompile(writeFdt(encodeDeviceTree(TREE)))
    expect(source).toContain('compatible = "vendor,board\\0vendor,soc";')
    expect(source).toContain('its@8080000 {')
    expect(source).toContain('reg = <0x01 0x8080000 0x00 0x20000>;')
    expect(source).toContain('msi-map = <0x00 0x02 0x10000 0x10000>;')
    expect(source).toContain('iommu-map = <0x00 0x01 0x00 0x10000>;')
    expect(source).toContain('mac = [00 11 22];')
    expect(source).toContain('msi-controller;')
  })

  it('writes the directory that Linux shows, `name` included', () => {
    const builder = new SysfsBuilder()
    writeDeviceTreeDirectory(encodeDeviceTree(TREE), builder, 'base')
    const tree = builder.tree()
    const text = (path: string): string => {
      const entry = tree.get(path)
      return entry?.kind === 'file' && typeof entry.content !== 'string'
        ? Buffer.from(entry.content).toString()
        : `no file ${path}`
    }
    expect(text('base/name')).toBe('\0')
    expect(text('base/its@8080000/name')).toBe('its\0')
    expect(text('base/model')).toBe('Board\0')
    expect(text('base/its@8080000/msi-controller')).toBe('')
    expect(tree.get('base/pcie@10000000')).toEqual({ kind: 'directory' })
  })
})
