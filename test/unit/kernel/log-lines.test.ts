import { expect, it } from 'vitest'
import { FUNCTION_NAME, LogLines } from '../../../src/kernel/log-lines.js'

const LINES = [
  'pci 0000:01:00.0: Adding to iommu group 1',
  'pci 0000:01:00.1: refused',
  'pci 10000:01:00.0: refused',
  'virtio_iommu 0000:01:00.0: refused for 0000:01:00.0 and 0000:01:00.1',
]

it('lines are found by what they say, and among them by the function that they name, whole', () => {
  const refused = new LogLines(LINES).matching(/refused/)
  expect(refused.of(/^pci/)).toEqual([LINES[1], LINES[2]])
  expect(refused.naming(FUNCTION_NAME, '0000:01:00.0')).toEqual([LINES[3]])
  expect(refused.naming(FUNCTION_NAME, '0000:01:00.1')).toEqual([LINES[1], LINES[3]])
  expect(refused.naming(FUNCTION_NAME, '10000:01:00.0')).toEqual([LINES[2]])
  expect(refused.naming(/group \d+/g, 'group 1')).toEqual([])
})

it('a pattern is looked for once, whoever asks and wherever it is written', () => {
  let looked = 0
  class Counted extends RegExp {
    override test(line: string): boolean {
      looked += 1
      return super.test(line)
    }
    override [Symbol.match](line: string) {
      looked += 1
      return super[Symbol.match](line)
    }
  }
  const log = new LogLines(LINES)
  for (let round = 0; round < 3; round++) expect(log.of(new Counted('refused'))).toHaveLength(3)
  expect(looked).toBe(LINES.length)
  for (let round = 0; round < 3; round++) expect(log.naming(new Counted('pci', 'g'), 'pci')).toHaveLength(3)
  expect(looked).toBe(2 * LINES.length)
})
