import { array, assert, constantFrom, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readLine } from '../../../src/kernel-log/line-prefix.js'

/** What lines with a time are made of, and what nearly is. */
const PIECES = [
  '[',
  ']',
  ' ',
  '\t',
  '    ',
  '0',
  '12',
  '12345678901',
  '.',
  ',',
  '000000',
  '<',
  '>',
  '+',
  'T0',
  'host',
  'kernel:',
  'klogd:',
  'kernel[12]:',
  'systemd[1]:',
  'ITS: No ITS available',
  '2024-09-22T12:45:27,000000+02:00',
  'Sep 22 12:45:27',
  '12:45:27',
  '6,339,5140900,-;',
  '\u00a0',
  'ä',
]

describe('readLine', () => {
  it('reads a plain line as the same line quoted, which has no way of its own', () => {
    assert(
      property(
        array(constantFrom(...PIECES), { maxLength: 8 }),
        constantFrom('[    0.000000] ', '[12.5] ', '<6>[    0.000000] ', '<14>[    0.000000] '),
        (rest, time) => {
          const line = `${time}${rest.join('')}`
          expect(readLine(line)).toEqual(readLine(`> ${line}`))
        },
      ),
      { numRuns: 3000 },
    )
  })

  it.each([
    ['[    0.000000] ITS: No ITS available', 'ITS: No ITS available'],
    ['[12345.678901] ITS: No ITS available', 'ITS: No ITS available'],
    ['<7>[    0.000000] ITS: No ITS available', 'ITS: No ITS available'],
    ['[    0.000000]  ITS: No ITS available', 'ITS: No ITS available'],
    ['[    0.000000] [    T0] ITS: No ITS available', 'ITS: No ITS available'],
    ['[    0.000000] [    0.000000] ITS: No ITS available', 'ITS: No ITS available'],
    ['[    0.000000] <unknown>', '<unknown>'],
    ['[    0.000000] the kernel: it runs', 'it runs', 'journal-monotonic'],
    ['[    0.000000] of the kernel: it runs', 'of the kernel: it runs'],
  ])('%j has a message of its own', (line, text, spelling = 'dmesg') => {
    expect(readLine(line)).toEqual({ kind: 'message', text, spelling })
  })

  it('takes a line whose level is not the kernel’s for another program’s', () => {
    expect(readLine('<14>[    0.000000] ITS: No ITS available')).toEqual({ kind: 'other' })
  })
})
