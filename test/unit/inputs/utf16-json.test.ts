import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readDescription } from '../../../src/inputs/description-file.js'
import { readGateFile } from '../../../src/inputs/gate-file.js'
import { readReport } from '../../../src/inputs/report-file.js'
import { report } from '../render/report-sample.js'

const BYTE_ORDER_MARK = '\ufeff'
const utf16 = (text: string) => Buffer.from(text, 'utf16le')
/** Windows PowerShell writes the first; the others are what editors make of it. */
const WRITTEN: readonly (readonly [string, (text: string) => Uint8Array])[] = [
  ['UTF-16 with a mark', (text) => utf16(BYTE_ORDER_MARK + text)],
  ['UTF-16 without', utf16],
  ['big-endian UTF-16', (text) => utf16(BYTE_ORDER_MARK + text).swap16()],
  ['UTF-8 with a mark', (text) => Buffer.from(BYTE_ORDER_MARK + text)],
]

let directory = ''
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'intremap-utf16-'))
})
afterAll(() => {
  rmSync(directory, { recursive: true })
})

describe.each(WRITTEN)('JSON in %s is read:', (_, write) => {
  const file = (value: unknown) => {
    const path = join(directory, 'value.json')
    writeFileSync(path, write(`${JSON.stringify(value, undefined, 2)}\r\n`))
    return path
  }
  test('a report that was kept', () => {
    const kept = report([], { source: { kind: 'sysroot', name: 'Gerät' } })
    expect(readReport(file(kept))).toEqual({ kind: 'report', report: kept })
  })
  test('a policy or baseline', () => {
    expect(readGateFile(file({ schema: 'x' }), 'a policy')).toEqual({ schema: 'x' })
  })
  test('a machine description', () => {
    expect(readDescription(file({ name: 'x' }), (value) => ({ ok: true, value }))).toEqual({ name: 'x' })
  })
})
