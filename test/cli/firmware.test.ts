import { Ajv2020 } from 'ajv/dist/2020.js'
import { chmodSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeFdt } from '../../src/emulator/firmware/fdt-writer.js'
import { encodeDeviceTree } from '../../src/emulator/firmware/devicetree-source.js'
import { jsonSchemaOf } from '../../src/schemas/published-schemas.js'
import { its, mapped, nodes, smmu, tableFiles } from '../unit/rules/firmware-tables.js'
import { intremapHere } from './run-here.js'
import { bundleOf, smallMachine, writeTree, type Tree } from './run-intremap.js'
import { temporaryDirectory } from '../support/temporary-directories.js'

const treeOf = (files: readonly { path: string; bytes: Uint8Array }[]): Tree =>
  Object.fromEntries(files.map(({ path, bytes }) => [path, bytes]))
const sound = writeTree(treeOf(tableFiles({})))
const broken = writeTree(treeOf(tableFiles(nodes(its(), smmu(), mapped({ output: 0x7ff0 })))))
const paths = (directory: string) => ['IORT', 'APIC', 'MCFG'].map((name) => join(directory, name))

/** As acpidump prints it. */
function acpidump(bytes: Uint8Array): string {
  const rows = Array.from({ length: Math.ceil(bytes.length / 16) }, (_, row) => {
    const part = [...bytes.subarray(row * 16, row * 16 + 16)].map((byte) => byte.toString(16).padStart(2, '0'))
    return `    ${(row * 16).toString(16).toUpperCase().padStart(4, '0')}: ${part.join(' ').toUpperCase()}  ................`
  })
  return `IORT @ 0x0000000000000000\n${rows.join('\n')}\n\n`
}

describe('lint', () => {
  test('exit code: 0 clean, 1 a finding of medium or above, --fail-on chooses', async () => {
    const runs = await Promise.all([
      intremapHere(['lint', ...paths(sound)]),
      intremapHere(['lint', ...paths(broken)]),
      intremapHere(['lint', ...paths(broken), '--fail-on', 'critical']),
      intremapHere(['lint', ...paths(broken), '--fail-on', 'never']),
    ])
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 1, 0, 0])
    expect(runs[0].stdout).toMatch(/^Nothing to complain about\.\n/)
    expect(runs[1].stdout).toMatch(/HIGH +IR203/)
    expect(runs.map(({ stderr }) => stderr)).toEqual(['', '', '', ''])
  })

  test('a directory, a file at a time, text and standard input give the same findings', async () => {
    const iort = tableFiles(nodes(its(), smmu(), mapped({ output: 0x7ff0 })))[0]?.bytes ?? new Uint8Array()
    const text = writeTree({ 'dump.txt': acpidump(iort) })
    const runs = await Promise.all([
      intremapHere(['lint', '--json', broken]),
      intremapHere(['lint', '--json', ...paths(broken)]),
      intremapHere(['lint', '--json', join(text, 'dump.txt')]),
      intremapHere(['lint', '--json', '-'], { input: iort }),
    ])
    const rules = runs.map(({ stdout }) => {
      const report: unknown = JSON.parse(stdout)
      const valid = new Ajv2020().compile(jsonSchemaOf('lint', true))
      expect(valid(report), JSON.stringify(valid.errors)).toBe(true)
      return report
    })
    for (const report of rules) {
      expect(report).toMatchObject({ schema: 'intremap/lint', exitCode: 1 })
      expect(JSON.stringify(report)).toMatch(/"rule":"IR203".*"offset":"0xc8"/)
    }
  })

  test('--format has the forms that others collect, here and in probe', async () => {
    const [sarif, junit, json, probed, suite] = await Promise.all([
      intremapHere(['lint', ...paths(broken), '--format', 'sarif']),
      intremapHere(['lint', ...paths(broken), '--format', 'junit']),
      intremapHere(['lint', ...paths(broken), '--format', 'json']),
      intremapHere(['probe', '--format', 'sarif', '--sysroot', writeTree(smallMachine())]),
      intremapHere(['probe', '--format', 'junit', '--sysroot', writeTree(smallMachine())]),
    ])
    expect(JSON.parse(sarif.stdout)).toMatchObject({
      version: '2.1.0',
      runs: [{ tool: { driver: { name: 'intremap' } } }],
    })
    expect(junit.stdout).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites /)
    expect(JSON.parse(json.stdout)).toMatchObject({ schema: 'intremap/lint' })
    expect(JSON.parse(probed.stdout)).toMatchObject({ runs: [{ invocations: [{ exitCode: probed.exitCode }] }] })
    expect(suite.stdout).toContain('<testsuite name="intremap probe ')
    expect([sarif, junit, json, probed, suite].map(({ exitCode }) => exitCode)).toEqual([1, 1, 1, 3, 3])
  })

  test('a captured machine is told by content', async () => {
    const machine = {
      ...smallMachine(),
      'sys/firmware/acpi/tables/IORT': tableFiles(nodes(its(), smmu(), mapped({ output: 0 })))[0]?.bytes ?? '',
    }
    const directory = writeTree({ 'host.tar.gz': bundleOf(machine) })
    const runs = await Promise.all([
      intremapHere(['lint', join(directory, 'host.tar.gz'), '--json']),
      intremapHere(['lint', writeTree(machine), '--json']),
      intremapHere(['lint', '--sysroot', writeTree(machine), '--json']),
    ])
    expect(runs.map(({ exitCode, stdout }) => [exitCode, stdout.includes('"rule": "IR204"')])).toEqual([
      [1, true],
      [1, true],
      [1, true],
    ])
  })

  test('errors: usage, input, not found', async () => {
    const empty = temporaryDirectory()
    const text = join(writeTree({ 'notes.txt': 'nothing here\n' }), 'notes.txt')
    const runs = await Promise.all([
      intremapHere(['lint', ...paths(sound), '--sysroot', empty]),
      intremapHere(['lint', sound, broken]),
      intremapHere(['lint', '--fail-on', 'unknown']),
      intremapHere(['lint', ...paths(sound), '--kernel-release', 'latest']),
      intremapHere(['lint', text]),
      intremapHere(['lint', empty]),
      intremapHere(['lint', join(empty, 'missing')]),
      intremapHere(['lint', text, '--format', 'json']),
    ])
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([64, 64, 64, 64, 65, 65, 66, 65])
    expect(runs.slice(0, 7).map(({ stdout }) => stdout)).toEqual(['', '', '', '', '', '', ''])
    expect(JSON.parse(runs[7].stdout)).toMatchObject({ schema: 'intremap/error', exitCode: 65 })
  })
})

describe('decode', () => {
  const blob = writeFdt(encodeDeviceTree({ properties: { compatible: 'test,board', '#address-cells': 2 } }))

  test('one table is an object, several are an array', async () => {
    const [one, several] = await Promise.all([
      intremapHere(['decode', '--json', join(sound, 'IORT')]),
      intremapHere(['decode', '--json', ...paths(sound)]),
    ])
    expect(JSON.parse(one.stdout)).toMatchObject({
      table: 'IORT',
      checksum: 'ok',
      length: 220,
      nodes: [
        { offset: '0x30', type: 'its-group', mappings: [] },
        {
          offset: '0x48',
          type: 'smmuv3',
          mappings: [{ inputBase: '0x0', idCount: '0xffff', outputReference: '0x30' }],
        },
        { offset: '0xa0', type: 'root-complex', mappings: [{ outputReference: '0x48', singleMapping: false }] },
      ],
      diagnostics: [],
    })
    expect(JSON.parse(several.stdout)).toMatchObject([{ table: 'IORT' }, { table: 'APIC' }, { table: 'MCFG' }])
    expect([one.exitCode, several.exitCode]).toEqual([0, 0])
  })

  test('text for people; what is no firmware is an error', async () => {
    const [text, nothing] = await Promise.all([
      intremapHere(['decode', join(sound, 'IORT')]),
      intremapHere(['decode', join(writeTree({ 'notes.txt': 'nothing\n' }), 'notes.txt')]),
    ])
    expect(text.stdout).toContain('Node 0x0a0: Root complex, segment 0x0')
    expect(nothing).toMatchObject({ exitCode: 65, stdout: '' })
  })

  test('a blob, and a tree as a directory', async () => {
    const directory = writeTree({
      'board.dtb': blob,
      'tree/name': 'base\0',
      'tree/compatible': 'test,board\0',
      'tree/soc/name': 'soc\0',
    })
    const [fromBlob, fromTree] = await Promise.all([
      intremapHere(['decode', '--json', join(directory, 'board.dtb')]),
      intremapHere(['decode', '--json', join(directory, 'tree')]),
    ])
    expect(JSON.parse(fromBlob.stdout)).toMatchObject({ kind: 'devicetree', form: 'blob', nodes: [{ path: '/' }] })
    expect(JSON.parse(fromTree.stdout)).toMatchObject({
      kind: 'devicetree',
      form: 'directory',
      nodes: [{ path: '/' }, { path: '/soc' }],
    })
  })
})

describe('a directory of somebody else', () => {
  test('is its own root: no link in it leads out', async () => {
    const outside = writeTree({ 'secret.txt': 'IORT @ 0x0\nsecret\n' })
    const tree = writeTree({ name: '\0', compatible: 'acme,board\0', '#address-cells': new Uint8Array([0, 0, 0, 1]) })
    symlinkSync(join(outside, 'secret.txt'), join(tree, 'model'))
    symlinkSync(outside, join(tree, 'node@0'))
    const runs = await Promise.all([intremapHere(['decode', tree]), intremapHere(['lint', '--json', tree])])
    for (const { stdout } of runs) expect(stdout).not.toMatch(/secret/)
    expect(runs[0].stdout).toMatch(/model +\(unreadable: io\)/)
  })

  test('keeps what is no firmware to itself', async () => {
    const files = writeTree({ ...treeOf(tableFiles({})), 'notes.txt': 'private\n' })
    chmodSync(join(files, 'notes.txt'), 0o200)
    symlinkSync('/etc/passwd', join(files, 'link.dat'))
    const { exitCode, stdout } = await intremapHere(['lint', '--json', files])
    expect(exitCode).toBe(0)
    expect(stdout).not.toMatch(/notes|link\.dat/)
  })
})
