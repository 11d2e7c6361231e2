import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { openBundledMachine } from '../../../src/inputs/open-machine.js'
import { recognise } from '../../../src/inputs/recognise.js'
import { mangles, readText } from '../../support/mangled-texts.js'
import { hasIasl } from '../../support/outside.js'

/** Tables of emulated machines: one of each family. */
const TABLES = [
  ['ampere-altra-server', 'IORT'],
  ['amd-epyc-remapping', 'IVRS'],
] as const

/** The listing that iasl writes of a data table, fields first, bytes last. */
function iaslListing(bytes: Uint8Array): string {
  const directory = mkdtempSync(join(tmpdir(), 'intremap-listing-'))
  try {
    writeFileSync(join(directory, 'table.dat'), bytes)
    execFileSync('iasl', ['-d', 'table.dat'], { cwd: directory, stdio: 'ignore' })
    return readFileSync(join(directory, 'table.dsl'), 'latin1')
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const printed =
  (program: string, ...flags: readonly string[]) =>
  (input: Uint8Array) =>
    execFileSync(program, flags, { input, encoding: 'latin1' })
const starts = (program: string) => spawnSync(program, { input: '', stdio: 'pipe' }).error === undefined

const rowsOf = (bytes: Uint8Array) =>
  Array.from({ length: Math.ceil(bytes.length / 16) }, (_, row) => {
    const part = [...bytes.subarray(row * 16, row * 16 + 16)]
    const text = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    return {
      at: (row * 16).toString(16).toUpperCase(),
      hex: part.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')),
      text,
    }
  })

/** As acpidump of ACPICA and acpiview of the UEFI shell lay tables out; neither prints a table that it is given. */
function acpidump(bytes: Uint8Array): string {
  const rows = rowsOf(bytes).map(
    ({ at, hex, text }) => `    ${at.padStart(4, '0')}: ${hex.join(' ').padEnd(48)} ${text}`,
  )
  return `${Buffer.from(bytes.subarray(0, 4)).toString('latin1')} @ 0x0000000000000000\n${rows.join('\n')}\n\n`
}
function acpiview(bytes: Uint8Array): string {
  const rows = rowsOf(bytes).map(
    ({ at, hex, text }) =>
      `${at.padStart(8, '0')} : ${[hex.slice(0, 8).join(' '), hex.slice(8).join(' ')]
        .filter((half) => half !== '')
        .join(' - ')
        .padEnd(50)}  ${text}`,
  )
  return ` --------------- Table ---------------\n\nAddress  : 0x101F86DF098\nLength   : ${bytes.length}\n\n${rows.join('\n')}\n\nTable Checksum : OK\n\n`
}

const PROGRAMS: readonly (readonly [string, boolean, (bytes: Uint8Array) => string])[] = [
  ['od -x', starts('od'), printed('od', '-x')],
  ['od -A x -t x1', starts('od'), printed('od', '-A', 'x', '-t', 'x1')],
  ['hexdump', starts('hexdump'), printed('hexdump')],
  ['hexdump -C', starts('hexdump'), printed('hexdump', '-C')],
  ['xxd', starts('xxd'), printed('xxd')],
  ['iasl -d', hasIasl, iaslListing],
  ['acpidump', true, acpidump],
  ['acpiview', true, acpiview],
]

const tablesOf = (bytes: Uint8Array, signature: string) =>
  readText(bytes).sysroot.bytes(`sys/firmware/acpi/tables/${signature}`)

describe.each(TABLES)('the table of %s, %s', (machine, signature) => {
  let table = new Uint8Array()
  beforeAll(async () => {
    const { sysroot } = await openBundledMachine(machine)
    const read = sysroot.bytes(`sys/firmware/acpi/tables/${signature}`)
    if (read.state !== 'known') throw new Error(`${machine} has no ${signature}`)
    table = Uint8Array.from(read.value)
  })

  for (const [program, isHere, print] of PROGRAMS) {
    describe.skipIf(!isHere)(`printed by ${program} (needs the program)`, () => {
      let text = ''
      beforeAll(() => {
        text = print(table)
      })

      test.each(mangles)('%s', (how, mangle) => {
        const bytes = mangle(text)
        expect(recognise(bytes).kind, how).toBe('text')
        expect(readText(bytes).found.map(({ kind, used }) => [kind, used])).toEqual([['ACPI tables', 1]])
        const read = tablesOf(bytes, signature)
        if (read.state !== 'known') throw new Error(read.state)
        expect(Buffer.from(read.value).toString('hex')).toBe(Buffer.from(table).toString('hex'))
      })

      test('cut anywhere it has no byte that is another', () => {
        const whole = Buffer.from(table).toString('hex')
        let seen = 0
        for (let length = 60; length < text.length; length += 7) {
          const read = tablesOf(Buffer.from(text.slice(0, length)), signature)
          if (read.state !== 'known') continue
          seen++
          const got = Buffer.from(read.value).toString('hex')
          expect(whole.startsWith(got), `at ${length}: …${got.slice(-12)}`).toBe(true)
        }
        expect(seen).toBeGreaterThan(10)
      })
    })
  }
})
