import { describe, expect, it, test } from 'vitest'
import { firstReason, REASONS, weakest, type Reason, type Verdict } from '../../../src/rules/verdict.js'

/** The contract's own order: what makes a function not isolated, what leaves it unknown, what it is isolated by. */
const CONTRACT: readonly Reason[] = [
  'no-iommu',
  'stream-id-refused',
  'iommu-not-probed',
  'no-msi-controller',
  'gicv2m',
  'gicv3-mbi',
  'host-bridge-msi',
  'x86-not-remapped',
  'payload-not-checked',
  'pre-its',
  'source-id-unchecked',
  'shared-device-id',
  'false-groups',
  'behind-vmd',
  'hypervisor-owns-iommu',
  'witnesses-disagree',
  'unreadable',
  'controller-unknown',
  'kernel-unknown',
  'hypervisor-decides',
  'its-behind-smmu',
  'its-behind-iommu',
  'gicv5-its-behind-smmu',
  'x86-remapped',
  'architecture-constant',
]

describe('the verdict of several', () => {
  it.each<[readonly Verdict[], Verdict]>([
    [[], 'unknown'],
    [['isolated'], 'isolated'],
    [['isolated', 'isolated-with-caveats'], 'isolated-with-caveats'],
    [['isolated-with-caveats', 'unknown', 'isolated'], 'unknown'],
    [['isolated', 'unknown', 'not-isolated', 'isolated-with-caveats'], 'not-isolated'],
    [['not-isolated', 'unknown'], 'not-isolated'],
  ])('of %j is %s', (verdicts, expected) => {
    expect(weakest(verdicts)).toBe(expected)
  })
})

describe('the reason of several', () => {
  test('stands in the order of the contract', () => {
    expect(REASONS).toEqual(CONTRACT)
  })
  it('is the first of the closed list, whatever comes first here', () => {
    expect(firstReason([])).toBeUndefined()
    for (const [at, reason] of CONTRACT.entries()) {
      const after = CONTRACT.slice(at)
      expect(firstReason(after)).toBe(reason)
      expect(firstReason(after.toReversed())).toBe(reason)
    }
  })
})
