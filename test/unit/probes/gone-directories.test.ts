import { describe, expect, it } from 'vitest'
import type { Machine } from '../../../src/machine/machine.js'
import { probeMachine } from '../../../src/probes/machine.js'
import type { TreeDescription } from '../../../src/sysroot/memory-entry.js'
import { memorySysroot } from '../../../src/sysroot/memory-sysroot.js'
import { SMALL_MACHINE } from './small-machine.js'

const GROUPS = 'sys/kernel/iommu_groups'

function without(isGone: (path: string) => boolean): Machine {
  const tree: TreeDescription = Object.fromEntries(Object.entries(SMALL_MACHINE).filter(([path]) => !isGone(path)))
  return probeMachine(memorySysroot({ kind: 'sysroot', name: 'small' }, tree))
}

describe('a directory that is gone, into which functions still have links', () => {
  it('was damaged: groups', () => {
    const { groups } = without((path) => path.startsWith(GROUPS))
    expect(groups).toMatchObject({ state: 'unreadable', reason: 'malformed' })
  })
  it('was damaged: IOMMUs, which no group shows either', () => {
    const { iommus } = without((path) => path.startsWith('sys/class/iommu') || path.startsWith(GROUPS))
    expect(iommus).toMatchObject({ state: 'unreadable', reason: 'malformed' })
  })
  it('is what it shows where it is there, whatever a link hides', () => {
    const tree: TreeDescription = Object.fromEntries(
      Object.entries(SMALL_MACHINE).map(([path, entry]) => [
        path,
        path.endsWith('/iommu_group') ? { kind: 'file', content: 'permission' } : entry,
      ]),
    )
    const { groups } = probeMachine(memorySysroot({ kind: 'sysroot', name: 'small' }, tree))
    expect(groups.state).toBe('known')
  })
  it('is absent where there are no links', () => {
    const { groups } = without((path) => path.startsWith(GROUPS) || path.endsWith('/iommu_group'))
    expect(groups.state).toBe('absent')
  })
})
