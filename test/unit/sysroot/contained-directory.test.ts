import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ContainedDirectory } from '../../../src/sysroot/contained-directory.js'
import { openDirectorySysroot } from '../../../src/sysroot/directory-sysroot.js'

describe('a directory whose components are swapped while it is read', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'intremap-contained-'))
    mkdirSync(join(directory, 'root/sys/a'), { recursive: true })
    mkdirSync(join(directory, 'outside/a'), { recursive: true })
    writeFileSync(join(directory, 'root/sys/a/file'), 'inside\n')
    writeFileSync(join(directory, 'outside/a/file'), 'secret\n')
    symlinkSync('elsewhere', join(directory, 'outside/a/link'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))
  const swap = (): void => {
    renameSync(join(directory, 'root/sys'), join(directory, 'root/was'))
    symlinkSync('../outside', join(directory, 'root/sys'))
  }

  test('leads nowhere once its names are known', async () => {
    const sysroot = openDirectorySysroot(join(directory, 'root'), { kind: 'sysroot', name: 'root' })
    expect(sysroot.text('sys/a/file')).toEqual({ state: 'known', value: 'inside\n' })
    swap()
    // The directory is held by this job, whatever its name stands for now.
    expect(sysroot.text('sys/a/file')).toEqual({ state: 'known', value: 'inside\n' })
    await Promise.resolve()
    // The walk to `sys/a` is remembered; what stands there now is outside.
    expect(sysroot.text('sys/a/file')).toEqual({ state: 'unreadable', reason: 'io' })
    expect(sysroot.link('sys/a/link')).toEqual({ state: 'unreadable', reason: 'io' })
    expect(sysroot.list('sys/a')).toEqual({ state: 'unreadable', reason: 'io' })
  })

  test('is held while a name in it is used', () => {
    const contained = new ContainedDirectory(join(directory, 'root'))
    const name = contained.nameOf('sys/a')
    swap()
    expect(readFileSync(`${name}/file`, 'utf8')).toBe('inside\n')
  })

  test('may be reached through a link that the user named', () => {
    symlinkSync('root', join(directory, 'alias'))
    const sysroot = openDirectorySysroot(join(directory, 'alias'), { kind: 'sysroot', name: 'alias' })
    expect(sysroot.list('')).toEqual({ state: 'known', value: ['sys'] })
    expect(sysroot.text('sys/a/file')).toEqual({ state: 'known', value: 'inside\n' })
  })

  test('is let go when the job ends', async () => {
    const open = () => readdirSync('/proc/self/fd').length
    const before = open()
    const sysroot = openDirectorySysroot(join(directory, 'root'), { kind: 'sysroot', name: 'root' })
    expect(sysroot.text('sys/a/file').state).toBe('known')
    expect(open()).toBeGreaterThan(before)
    await Promise.resolve()
    expect(open()).toBe(before)
  })

  test('opens no more descriptors than it closes', () => {
    const sysroot = openDirectorySysroot(join(directory, 'root'), { kind: 'sysroot', name: 'root' })
    for (let index = 0; index < 2000; index += 1) {
      expect(sysroot.text('sys/a/file').state).toBe('known')
      expect(sysroot.text(`sys/a/missing-${index}`).state).toBe('absent')
    }
  })
})
