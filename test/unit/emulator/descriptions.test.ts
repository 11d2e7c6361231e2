import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { emulateMachine } from '../../../src/emulator/emulate.js'
import type { MachineDescription } from '../../../src/emulator/machine-description.js'
import type { EmulatedTree } from '../../../src/emulator/sysfs-builder.js'
import { decompile, disassemble, fieldsOf, withDirectory } from './tools.js'
import { DESCRIPTION_SCHEMA, parseDescription } from '../../support/descriptions.js'
import { hasDtc, hasIasl, hasLspci } from '../../support/outside.js'

const DIRECTORY = new URL('../../fixtures/descriptions/', import.meta.url)
const names = readdirSync(DIRECTORY)
  .filter((name) => name.endsWith('.json'))
  .sort()

function load(name: string): MachineDescription {
  const parsed = parseDescription(JSON.parse(readFileSync(new URL(name, DIRECTORY), 'utf8')))
  if (!parsed.ok) throw new Error(parsed.errors.map(({ path, message }) => `${name}: ${path}: ${message}`).join('\n'))
  return parsed.value
}

function textOf(tree: EmulatedTree, path: string): string | undefined {
  const entry = tree.get(path)
  return entry?.kind === 'file' && typeof entry.content !== 'string'
    ? Buffer.from(entry.content).toString('latin1')
    : undefined
}

function bytesOf(tree: EmulatedTree, path: string): Uint8Array {
  const entry = tree.get(path)
  return entry?.kind === 'file' && typeof entry.content !== 'string' ? entry.content : new Uint8Array()
}

/** Chip names of the MSI vectors of all functions, without the function's address. */
function chips(tree: EmulatedTree): Set<string> {
  const found = new Set<string>()
  for (const path of tree.keys()) {
    const irq = /\/msi_irqs\/(\d+)$/.exec(path)?.[1]
    if (irq !== undefined)
      found.add((textOf(tree, `sys/kernel/irq/${irq}/chip_name`) ?? '').trim().replace(/-[0-9a-f]{4}:.*/, ''))
  }
  return found
}

const grouped = (tree: EmulatedTree): number => [...tree.keys()].filter((path) => path.endsWith('/iommu_group')).length

describe('bundled descriptions', () => {
  const validate = new Ajv2020({ allowUnionTypes: true }).compile(DESCRIPTION_SCHEMA)

  it.each(names)('%s is accepted, by the published schema too, and named after its file', (name) => {
    const description = load(name)
    expect(`${description.name}.json`).toBe(name)
    expect(validate(JSON.parse(readFileSync(new URL(name, DIRECTORY), 'utf8'))), JSON.stringify(validate.errors)).toBe(
      true,
    )
  })

  it.each([
    ['ampere-altra-server.json', ['ITS-PCI-MSI', 'ITS-PCI-MSIX'], 11],
    ['amd-epyc-remapping.json', ['IR-PCI-MSI', 'IR-PCI-MSIX', 'PCI-MSI'], 8],
    ['gicv5-its.json', ['ITS-v5-PCI-MSIX'], 3],
    ['hyper-v-guest.json', ['Hyper-V PCIe MSI'], 0],
    ['layerscape-ls1028a-smmuv2.json', ['ITS-PCI-MSI', 'ITS-PCI-MSIX'], 3],
    ['qcom-ipq5424-mbi.json', ['MBI-PCI-MSI'], 0],
    ['qcom-ipq6018-designware.json', ['PCI-MSI'], 0],
    ['raspberry-pi-5.json', ['MIP-MSI-PCI-MSIX'], 0],
    ['riscv-imsic.json', ['PCI-MSIX'], 3],
    ['rk3588-rock-5b.json', ['ITS-PCI-MSIX'], 4],
    ['s390x-zpci.json', ['PCI-MSI'], 2],
    ['synquacer-pre-its-smmu.json', ['ITS-PCI-MSIX'], 4],
    ['ti-am654-pre-its.json', ['ITS-PCI-MSIX'], 0],
  ])('%s has chips %s and %i functions in groups', (name, chipNames, groups) => {
    const tree = emulateMachine(load(name))
    expect([...chips(tree)].sort()).toEqual(chipNames)
    expect(grouped(tree)).toBe(groups)
  })

  it('covers every bundled description above', () => {
    expect(names).toHaveLength(13)
  })

  it.skipIf(!hasIasl)(`has tables that iasl accepts${hasIasl ? '' : ' (skipped: no iasl here)'}`, () => {
    let tables = 0
    for (const name of names) {
      const tree = emulateMachine(load(name))
      for (const path of tree.keys()) {
        if (!path.startsWith('sys/firmware/acpi/tables/')) continue
        const { status, messages } = disassemble(bytesOf(tree, path))
        expect(status, `${name} ${path}: ${messages}`).toBe(0)
        expect(messages, `${name} ${path}`).not.toMatch(/checksum|Error|Invalid/i)
        tables++
      }
    }
    expect(tables).toBeGreaterThanOrEqual(7)
    console.log(`${tables} tables of bundled descriptions accepted by iasl`)
  })

  it.skipIf(!hasIasl)(`writes the Altra's IORT as its maps say${hasIasl ? '' : ' (skipped: no iasl here)'}`, () => {
    const { listing } = disassemble(
      bytesOf(emulateMachine(load('ampere-altra-server.json')), 'sys/firmware/acpi/tables/IORT'),
    )
    expect(fieldsOf(listing, 'Identifiers')).toEqual([0, 1, 3, 4, 6, 7].map((id) => id.toString(16).padStart(8, '0')))
    expect(fieldsOf(listing, 'PCI Segment Number')).toEqual([
      '0000000C',
      '0000000D',
      '00000000',
      '00000002',
      '00000004',
      '00000005',
    ])
    // Six SMMUs with the DeviceID bases of the real table, then six root complexes that map straight through.
    expect(fieldsOf(listing, 'Output Base')).toEqual([
      '00000000',
      '00010000',
      '00030000',
      '00040000',
      '00060000',
      '00070000',
      ...Array.from({ length: 6 }, () => '00000000'),
    ])
    expect(new Set(fieldsOf(listing, 'ID Count'))).toEqual(new Set(['0000FFFF']))
  })

  it.skipIf(!hasDtc)(
    `has blobs that dtc accepts, equal to the directory${hasDtc ? '' : ' (skipped: no dtc here)'}`,
    () => {
      let blobs = 0
      for (const name of names) {
        const tree = emulateMachine(load(name))
        if (!tree.has('sys/firmware/fdt')) continue
        const fromBlob = decompile(bytesOf(tree, 'sys/firmware/fdt'))
        const fromDirectory = withDirectory((directory) => {
          writeTree(tree, directory, 'sys/firmware/devicetree/base/')
          const base = join(directory, 'sys/firmware/devicetree/base')
          return execFileSync('dtc', ['-q', '-s', '-I', 'fs', '-O', 'dts', base], { encoding: 'utf8' })
        })
        const lines = (source: string): string[] =>
          source
            .split('\n')
            .filter((line) => !/^\s*name = /.test(line))
            .sort()
        expect(lines(fromDirectory), name).toEqual(lines(fromBlob))
        blobs++
      }
      expect(blobs).toBe(9)
    },
  )

  it.skipIf(!hasLspci)(`has configuration space that lspci reads${hasLspci ? '' : ' (skipped: no lspci here)'}`, () => {
    const tree = emulateMachine(load('ampere-altra-server.json'))
    const output = withDirectory((directory) => {
      writeTree(tree, directory, 'sys/')
      const path = `sysfs.path=${join(directory, 'sys/bus/pci')}`
      return execFileSync('lspci', ['-A', 'linux-sysfs', '-O', path, '-n', '-vvv', '-D'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
    })
    const device = (name: string): string => output.split('\n\n').find((text) => text.startsWith(name)) ?? ''
    const port = device('000c:00:01.0')
    expect(port).toContain('Express (v2) Root Port')
    expect(port).toContain('Bus: primary=00, secondary=01, subordinate=01')
    expect(port).toMatch(/ACSCtl:\s+SrcValid\+ TransBlk- ReqRedir\+ CmpltRedir\+ UpstreamFwd\+/)
    const adapter = device('000c:01:00.0')
    expect(adapter).toMatch(/MSI-X: Enable\+ Count=8 /)
    expect(adapter).toMatch(/Initial VFs: 63, Total VFs: 63, Number of VFs: 4/)
    expect(adapter).toMatch(/VF offset: 128, stride: 2, Device ID: 1565/)
    expect(device('0004:01:00.0')).toContain('PCI-Express to PCI/PCI-X Bridge')
    expect(device('0004:02:00.0')).not.toContain('Express')
  })
})

function writeTree(tree: EmulatedTree, directory: string, prefix: string): void {
  for (const [path, entry] of tree) {
    if (!path.startsWith(prefix)) continue
    const file = join(directory, path)
    mkdirSync(dirname(file), { recursive: true })
    if (entry.kind === 'directory') mkdirSync(file, { recursive: true })
    else if (entry.kind === 'symlink') symlinkSync(entry.target, file)
    else if (entry.kind === 'file' && typeof entry.content !== 'string') writeFileSync(file, entry.content)
  }
}
