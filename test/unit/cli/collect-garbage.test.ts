import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { collectGarbage } from '../../../src/cli/collect-garbage.js'

/** What nothing else refers to. */
function forgotten(): WeakRef<object> {
  return new WeakRef({ much: Array.from({ length: 1000 }, () => 0) })
}

describe('collecting garbage', () => {
  it('gives back what nothing refers to, and keeps the rest', async () => {
    const kept = { much: [1] }
    const [gone, still] = [forgotten(), new WeakRef(kept)]
    await setTimeout()
    collectGarbage()
    expect(gone.deref()).toBeUndefined()
    expect(still.deref()).toBe(kept)
  })
})
