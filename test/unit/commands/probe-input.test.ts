import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { constants, PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { probeInput } from '../../../src/commands/probe-input.js'
import { formatPciAddress } from '../../../src/machine/identifiers.js'
import { valueOr } from '../../../src/machine/fact.js'
import { temporaryDirectory } from '../../support/temporary-directories.js'

/** A tree that lists so many functions, and tells nothing of them. */
function treeOf(functions: number): string {
  const directory = temporaryDirectory()
  for (let at = 0; at < functions; at += 1) {
    const name = formatPciAddress({ segment: 0, bus: at >> 8, device: (at >> 3) & 31, function: at & 7 })
    mkdirSync(join(directory, 'sys/bus/pci/devices', name), { recursive: true })
  }
  return directory
}

/** Collections of garbage that somebody asked for. */
function askedFor(entries: readonly PerformanceEntry[]): number {
  return entries.filter((entry) => {
    const detail: unknown = 'detail' in entry ? entry.detail : undefined
    const flags: unknown = typeof detail === 'object' && detail !== null && 'flags' in detail ? detail.flags : 0
    return typeof flags === 'number' && (flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0
  }).length
}

async function collectionsDuring(run: () => Promise<void>): Promise<number> {
  let count = 0
  const observer = new PerformanceObserver((list) => (count += askedFor(list.getEntries())))
  observer.observe({ entryTypes: ['gc'] })
  await run()
  await setTimeout(50)
  observer.disconnect()
  return count
}

describe('a machine that is probed to be judged', () => {
  it.each([
    [9999, 0],
    [10_000, 1],
  ])('of %d functions: what reading it left behind is given back %d times', async (functions, times) => {
    const sysroot = treeOf(functions)
    const count = await collectionsDuring(async () => {
      const machine = await probeInput({ sysroot })
      expect(valueOr(machine.functions, [])).toHaveLength(functions)
    })
    expect(count).toBe(times)
  })
})
