import { describe, expect, it } from 'vitest'
import { once, onceEach } from '../../../src/kernel/once.js'

describe('what is decided once', () => {
  it('is asked at the first question and never again, whatever the answer', () => {
    let asked = 0
    const decide = once(() => void (asked += 1))
    expect(asked).toBe(0)
    expect([decide(), decide()]).toEqual([undefined, undefined])
    expect(asked).toBe(1)
  })

  it('is asked once about each subject', () => {
    const asked: string[] = []
    const decide = onceEach((subject: string) => {
      asked.push(subject)
      return subject === 'none' ? undefined : { subject }
    })
    expect(decide('one')).toBe(decide('one'))
    expect(decide('other')).toEqual({ subject: 'other' })
    expect([decide('none'), decide('none')]).toEqual([undefined, undefined])
    expect(asked).toEqual(['one', 'other', 'none'])
  })
})
