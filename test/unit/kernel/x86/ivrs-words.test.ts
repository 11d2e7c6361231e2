import { describe, expect, it } from 'vitest'
import { parseRelease } from '../../../../src/kernel/release.js'
import { ivrsWord, ivrsWords, takesForm } from '../../../../src/kernel/x86/ivrs-words.js'

/** K: drivers/iommu/amd/init.c, parse_ivrs_ioapic, parse_ivrs_hpet. */
describe('ivrs_ioapic and ivrs_hpet', () => {
  it.each([
    ['ivrs_ioapic[7]=00:14.0', 7, 0xa0, 'bracket'],
    ['ivrs_ioapic[10]=0001:00:14.0', 10, 0x100a0, 'bracket'],
    ['ivrs_ioapic=8@0000:00:00.1', 8, 0x1, 'at'],
    ['ivrs_ioapic[7]=3f:14.0', 7, 0x3fa0, 'bracket'],
    ['ivrs_ioapic=7@1a2b:fe:10.5', 7, 0x1a2bfe85, 'at'],
    ['ivrs_ioapic=8@00:14.0', 8, 0xa0, 'at'],
    // Numbers are cut to the bits there are, and nobody looks at what follows.
    ['ivrs_ioapic[260]=100:0x34.8', 4, 0xa0, 'bracket'],
    ['ivrs-ioapic=8@0:14.0,quiet', 8, 0xa0, 'at'],
  ])('%s', (word, id, deviceId, form) => {
    expect(ivrsWords(['quiet', word], 'ivrs_ioapic')).toEqual([{ word, id, deviceId, form }])
  })

  it.each([
    'ivrs_ioapic',
    'ivrs_ioapic=',
    'ivrs_ioapic[7]',
    'ivrs_ioapic[7]=00:14',
    'ivrs_ioapic[x]=00:14.0',
    'xivrs_ioapic[7]=00:14.0',
    'ivrs_xxapic[7]=00:14.0',
  ])('nothing: %s', (word) => expect(ivrsWords([word], 'ivrs_ioapic')).toEqual([]))

  it('tells the two names apart, and takes four of one', () => {
    const five = [1, 2, 3, 4, 5].map((id) => `ivrs_ioapic[${id}]=00:14.0`)
    expect(ivrsWords([...five, 'ivrs_hpet[0]=00:14.0'], 'ivrs_ioapic').map(({ id }) => id)).toEqual([1, 2, 3, 4])
    expect(ivrsWords([...five, 'ivrs_hpet[0]=00:14.0'], 'ivrs_hpet').map(({ id }) => id)).toEqual([0])
  })

  // Commit 1198d2316dc4 went into 6.2 and, with the first updates of 2023, into long-term series.
  it.each([
    ['3.16.0', 'no', 'ivrs_ioapic[7]=00:14.0'],
    ['4.4.0', 'no', 'ivrs_ioapic[7]=00:14.0'],
    ['4.13.0', 'no', 'ivrs_ioapic[7]=00:14.0'],
    ['4.14.0', 'unknown', 'ivrs_ioapic[7]=00:14.0'],
    ['custom', 'unknown', 'ivrs_ioapic[7]=00:14.0'],
    ['5.15.0-91-generic', 'unknown', 'ivrs_ioapic[7]=00:14.0'],
    ['6.1.0', 'unknown', 'ivrs_ioapic[7]=00:14.0'],
    ['6.2.0', 'yes', 'ivrs_ioapic=7@0000:00:14.0'],
    ['7.2.13', 'yes', 'ivrs_ioapic=7@0000:00:14.0'],
  ])('as %s spells it', (text, takes, word) => {
    const release = parseRelease(text)
    expect(takesForm(release, 'at')).toBe(takes)
    expect(takesForm(release, 'bracket')).toBe('yes')
    expect(ivrsWord('ivrs_ioapic', release, 7, 0xa0)).toBe(word)
  })
  it.each([
    ['3.16.0', 0xffff, 'ivrs_hpet[7]=ff:1f.7'],
    ['3.16.0', 0x10000, 'ivrs_hpet[7]=0001:00:00.0'],
    ['3.16.0', 0x1a2bfe85, 'ivrs_hpet[7]=1a2b:fe:10.5'],
    ['7.2.0', 0x1a2bfe85, 'ivrs_hpet=7@1a2b:fe:10.5'],
    ['7.2.0', 0xf000_0008, 'ivrs_hpet=7@f000:00:01.0'],
  ])('as %s spells %i', (text, deviceId, word) => {
    expect(ivrsWord('ivrs_hpet', parseRelease(text), 7, deviceId)).toBe(word)
  })
})
