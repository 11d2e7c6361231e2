import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHostSysroot } from '../../../src/sysroot/directory-sysroot.js'
import { runDmesg } from '../../../src/sysroot/kernel-log.js'
import type { Read } from '../../../src/sysroot/sysroot.js'

const known = <T>(value: T): Read<T> => ({ state: 'known', value })
const bytes = (text: string) => new TextEncoder().encode(text)

describe('this host', () => {
  test('its files, from the root', () => {
    const host = openHostSysroot()
    expect(host.origin).toEqual({ kind: 'live', name: '/' })
    expect(host.text('proc/sys/kernel/osrelease')).toEqual(known(readFileSync('/proc/sys/kernel/osrelease', 'utf8')))
    expect(host.text('proc/self/comm').state).toBe('known')
    expect(host.text('proc/no-such-file')).toEqual({ state: 'absent' })
  })
  test.runIf(existsSync('/proc/kallsyms'))(
    'a procfs file that comes in many pieces is whole (needs /proc/kallsyms)',
    () => {
      const read = openHostSysroot().bytes('proc/kallsyms')
      const content = readFileSync('/proc/kallsyms')
      if (content.length <= 16 * 1024 * 1024) expect(read.state === 'known' && content.equals(read.value)).toBe(true)
      else expect(read).toEqual({ state: 'unreadable', reason: 'too-large' })
    },
  )
  test('memory is no file to read', () => {
    const host = openHostSysroot()
    expect(host.bytes('dev/mem').state).not.toBe('known')
    expect(host.bytes('proc/kcore').state).not.toBe('known')
  })
})

describe('the kernel log of the host', () => {
  test('is read once, when it is asked for', () => {
    let calls = 0
    const host = openHostSysroot(() => {
      calls += 1
      return known(bytes('ITS [mem 0x8080000-0x809ffff]\n'))
    })
    expect(host.text('proc/sys/kernel/osrelease').state).toBe('known')
    expect(calls).toBe(0)
    expect(host.text('var/log/dmesg')).toEqual(known('ITS [mem 0x8080000-0x809ffff]\n'))
    expect(host.bytes('var/log/dmesg')).toEqual(known(bytes('ITS [mem 0x8080000-0x809ffff]\n')))
    expect(host.link('var/log/dmesg')).toEqual({ state: 'unreadable', reason: 'malformed' })
    expect(calls).toBe(1)
  })
  test('is never the file on disk', () => {
    expect(openHostSysroot().text('var/log/dmesg')).toEqual({ state: 'absent' })
    const refused = openHostSysroot(() => ({ state: 'unreadable', reason: 'permission' }))
    expect(refused.text('var/log/dmesg')).toEqual({ state: 'unreadable', reason: 'permission' })
  })
})

describe('running dmesg', () => {
  let directory: string
  beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'intremap-log-'))))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  const command = (name: string, script: string) => {
    const path = join(directory, name)
    writeFileSync(path, `#!/bin/sh\n${script}\n`)
    chmodSync(path, 0o755)
    return path
  }
  test('gives its output, the final newline kept, in the C locale', () => {
    expect(runDmesg([command('good', 'echo "[0.0] line $LC_ALL"')])).toEqual(known(bytes('[0.0] line C\n')))
  })
  test('takes the first that is there, and nothing of the caller with it', () => {
    process.env['INTREMAP_SECRET'] = 'x'
    const script = 'echo "${INTREMAP_SECRET:-clean} $(pwd)"'
    expect(runDmesg([join(directory, 'missing'), command('clean', script)])).toEqual(known(bytes('clean /\n')))
    delete process.env['INTREMAP_SECRET']
  })
  test('never takes a program that PATH names', () => {
    const path = process.env['PATH'] ?? ''
    command('dmesg', 'echo forged')
    process.env['PATH'] = `${directory}:${path}`
    expect(runDmesg()).not.toEqual(known(bytes('forged\n')))
    process.env['PATH'] = path
  })
  test('that is refused is a matter of permission', () => {
    const script = 'echo "dmesg: read kernel buffer failed: Operation not permitted" >&2; exit 1'
    expect(runDmesg([command('refused', script)])).toEqual({ state: 'unreadable', reason: 'permission' })
  })
  test('that fails, or is not there, is io', () => {
    expect(runDmesg([command('fails', 'echo half; exit 3')])).toEqual({ state: 'unreadable', reason: 'io' })
    expect(runDmesg([join(directory, 'missing')])).toEqual({ state: 'unreadable', reason: 'io' })
  })
  test('that does not end its output is cut off', () => {
    expect(runDmesg([command('endless', 'exec yes')])).toEqual({ state: 'unreadable', reason: 'too-large' })
  })
})
