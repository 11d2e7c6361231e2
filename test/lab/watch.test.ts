import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { watched } from './watch.js'

describe('a guest of the lab', () => {
  let directory: string
  const console = () => `${directory}/console`
  const kill = vi.fn()
  const guest = { kill }

  beforeEach(() => {
    directory = mkdtempSync(`${tmpdir()}/watch-`)
    vi.useFakeTimers()
    kill.mockClear()
  })
  afterEach(() => {
    vi.useRealTimers()
    rmSync(directory, { recursive: true })
  })

  /** Lets time pass while the guest says something each so many seconds. */
  function passing(seconds: number, each: number): void {
    for (let passed = 0; passed < seconds; passed += each) {
      appendFileSync(console(), 'a word\n')
      vi.advanceTimersByTime(each * 1000)
    }
  }

  it('that says something may be slow', () => {
    const end = watched(guest, console(), { silent: 60, all: 1000 })
    passing(900, 50)
    expect(end()).toBeUndefined()
    expect(kill).not.toHaveBeenCalled()
  })

  it.each([
    [90, 'its console said nothing for 60 s'],
    [20, 'it was not done after 1000 s'],
  ])('that says something each %i s is turned off in the end, because %s', (each, reason) => {
    const end = watched(guest, console(), { silent: 60, all: 1000 })
    passing(1000, each)
    expect(end()).toBe(reason)
    expect(kill).toHaveBeenCalled()
  })
})
