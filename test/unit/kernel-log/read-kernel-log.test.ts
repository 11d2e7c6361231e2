import { describe, expect, it } from 'vitest'
import { leftOutLine, readKernelLog } from '../../../src/kernel-log/read-kernel-log.js'
import { processorMilliseconds } from '../../support/processor-time.js'

const FIRST = 'GICv3: 256 SPIs implemented'
const SECOND = 'ITS: No ITS available, not enabling LPIs'
const both = (before: string, after = '\n') => `${before}${FIRST}${after}${before}${SECOND}${after}`

describe('the spellings of a kernel log', () => {
  it.each([
    ['dmesg', both('[    0.000000] ')],
    ['dmesg', both('<6>[    0.000000] ')],
    ['dmesg', both('[    0.000000][    T0] ')],
    ['dmesg', both('[    0.000000] [    T0] ')],
    ['dmesg', both('kern  :info  : [    0.000000] ')],
    ['dmesg', both('[    0.000000 <    0.000000>] ')],
    ['dmesg', both('    [    0.000000] ')],
    ['dmesg', both('> [    0.000000] ')],
    ['dmesg', both('<6>')],
    ['dmesg-ctime', both('[Sun Sep 22 12:45:27 2024] ')],
    ['dmesg-ctime', both('[So Sep 22 12:45:27 2024] ')],
    ['dmesg-ctime', both('[日 9月 22 12:45:27 2024] ')],
    ['dmesg-ctime', both('kern  :info  : [Sun Sep 22 12:45:27 2024] ')],
    ['dmesg-ctime', both('[Sep22 12:45] ')],
    ['dmesg-ctime', both('[  +0.000004] ')],
    ['dmesg-ctime', both('[  +0,000004] ')],
    ['dmesg-ctime', both('[2024-09-22 12:45:27] [    0.000000] ')],
    ['dmesg-iso', both('2024-09-22T12:45:27,000000+02:00 ')],
    ['dmesg-iso', both('kern  :info  : 2024-09-22T12:45:27,000000+02:00 ')],
    ['syslog', both('Sep 22 12:45:27 host kernel: ')],
    ['syslog', both('Sep  2 12:45:27 host kernel: [    0.000000] ')],
    ['syslog', both('Sep 22 12:45:27 kernel: ')],
    ['syslog', both('Sep 22 12:45:27.123456 host kernel: ')],
    ['syslog', both('Mär 22 12:45:27 host kernel: ')],
    ['syslog', both('Jan  1 00:00:07 router kern.info kernel: [    0.000000] ')],
    ['syslog', both('Sun 2024-09-22 12:45:27 CEST host kernel: ')],
    ['syslog', both('Sep 22 12:45:27 [    0.000000] ')],
    ['syslog', both('<6>1 2024-09-22T12:45:27.000000+02:00 host kernel - - - ')],
    ['journal-iso', both('2024-09-22T12:45:27+0200 host kernel: ')],
    ['journal-iso', both('2024-09-22T12:45:27+02:00 host kernel: ')],
    ['journal-iso', both('2024-09-22T12:45:27.123456+02:00 host kernel: [    0.000000] ')],
    ['journal-iso', both('2024-09-22 12:45:27 host kernel: ')],
    ['journal-unix', both('1727001927.123456 host kernel: ')],
    ['journal-monotonic', both('[    0.000000] host kernel: ')],
    ['journal-monotonic', both('[    0.000000 <    0.000000 >] host kernel: ')],
    ['kmsg', both('6,1,0,-;')],
    ['kmsg', `6,1,0,-;${FIRST}\n SUBSYSTEM=acpi\n DEVICE=+acpi:ACPI\n6,2,0,-,caller=T1;${SECOND}\n`],
    ['bare', both('')],
    ['dmesg', both('[    0.000000] ', '\r\n')],
    ['dmesg', both('[    0.000000] ', '\r\r\n')],
    ['dmesg', `\ufeff${both('[    0.000000] ')}`],
    ['dmesg', both('\u001b[32m[    0.000000] \u001b[0m\u001b[33m', '\u001b[0m\n')],
    ['dmesg', `\ufffd\ufffd${both('[    0.000000] ', '\r\n').replaceAll(/([^])/g, '$1\0')}`],
  ])('reads %s: %j', (spelling, text) => {
    const log = readKernelLog(text)
    expect(log).toMatchObject({ unread: 0, spelling })
    expect(log.lines).toEqual(expect.arrayContaining([FIRST, SECOND]))
  })

  it('takes no message for the kernel’s that another program signed', () => {
    const line = (tag: string) => `Sep 22 12:45:27 host ${tag} ${SECOND}\n`
    expect(readKernelLog(`${line('kernel:')}${line('systemd[1]:')}`)).toMatchObject({ lines: [SECOND], unread: 0 })
    expect(readKernelLog(`<30>[    5.0] systemd[1]: ${SECOND}\n`)).toMatchObject({ lines: [], unread: 0 })
    expect(readKernelLog(`user  :info  : [    5.0] ${SECOND}\n`)).toMatchObject({ lines: [], unread: 0 })
    expect(readKernelLog(`[    5.0] host kernel: a\n[    5.1] host sudo[9]: ${SECOND}\n`)).toMatchObject({
      lines: ['a'],
    })
  })

  it('keeps a message whose own text begins with a bracket', () => {
    expect(
      readKernelLog('[    1.0] [drm] ready\n[    1.0] [0000:01:00.0] x\n[    1.0] [Firmware Bug]: y\n').lines,
    ).toEqual(['[drm] ready', '[0000:01:00.0] x', '[Firmware Bug]: y'])
  })
})

describe('what cannot be read is counted', () => {
  it.each([
    ['a bell in a line', '[    0.0] a\n[    0.0] IT\u0007S: b\n', 1, 2],
    ['a NUL', '[    0.0] a\n[    0.0] IT\0S: b\n', 1, 2],
    ['bytes that are no text', '[    0.0] a\n[    0.0] \ufffd\ufffd\n', 1, 2],
    ['another escape sequence', '[    0.0] a\n\u001b[2Jb\n', 1, 2],
    ['a cut last line', '[    0.0] a\n[    0.0] b', 1, 2],
    ['a line that the journal shortened', '[    0.0] a\n[    0.0] ITS: No ITS avail…\n', 1, 2],
    ['a date of an unknown kind', '22/09/2024 12:45:27 host kernel ITS: b\n', 1, 1],
    ['dates and nobody’s name', '2024-09-22T12:45:27Z something happened\n', 1, 1],
    ['a line that is far too long', `[    0.0] ${'x'.repeat(5000)}\n[    0.0] b\n`, 1, 2],
    ['JSON of the journal', '{"MESSAGE":"a"}\n{"MESSAGE":"b"}\n', 2, 2],
    ['JSON of dmesg', '{\n   "dmesg": [\n', 2, 2],
    ['the verbose journal', 'Sun 2024-09-22 12:45:27 CEST [s=0a;i=1;b=2]\n    MESSAGE=a\n', 2, 2],
    ['the export format', '__CURSOR=s=0a\nMESSAGE=a\n', 2, 2],
  ])('%s', (_, text, unread, total) => {
    expect(readKernelLog(text)).toMatchObject({ unread, total })
  })

  it('counts lines that a terminal cut, and not messages that repeat', () => {
    const words = ['pci', 'usb', 'acpi', 'ata1', 'nvme', 'EXT4', 'audit', 'random', 'input']
    const cut = words.map((word) => `[    0.000000] ${word}: `.padEnd(80, 'x'))
    expect(readKernelLog(`${cut.join('\n')}\n[    0.1] short\n`)).toMatchObject({ unread: 9, total: 10 })
    const repeated = words.map(
      (_, at) => `[    0.000000] pci 0000:00:0${at}.0: Adding to iommu group ${at}, and no more words`,
    )
    expect(readKernelLog(`${repeated.join('\n')}\n`)).toMatchObject({ unread: 0, total: 9 })
  })

  it('keeps the number through a log that was cut down to what tells something', () => {
    const log = readKernelLog('[    0.0] a\n[    0.0] b\0\n[    0.0] c\n')
    expect(leftOutLine(log)).toBe('-- 1 of 3 lines not read --')
    expect(readKernelLog(`a\n${leftOutLine(log)}\n`)).toMatchObject({ unread: 1, total: 3 })
  })
})

describe('broken lines and boots', () => {
  it('joins a message that a terminal broke', () => {
    const text = '[    0.000000] ITS: No ITS available, not ena\nbling LPIs\n[    0.1] b\n'
    expect(readKernelLog(text)).toMatchObject({ lines: [SECOND, 'bling LPIs', 'b'], unread: 0 })
  })

  it('reads the first line of a message of several lines', () => {
    const text =
      '[    0.0] DMAR-IR: This system BIOS has enabled interrupt remapping\non a chipset that contains an erratum\n'
    expect(readKernelLog(text).lines[0]).toBe('DMAR-IR: This system BIOS has enabled interrupt remapping')
  })

  const boot = (extra: string) =>
    `kernel: Linux version 6.12.0\nkernel: Kernel command line: quiet\nkernel: a\nkernel: b\nkernel: ${extra}\n`
      .split('\n')
      .map((line) => (line === '' ? '' : `Sep 22 12:45:27 host ${line}`))
      .join('\n')

  it('takes the last boot of a file of several', () => {
    const log = readKernelLog(`${boot('old')}${boot('new')}`)
    expect(log.lines).toContain('new')
    expect(log.lines).not.toContain('old')
    expect(log).toMatchObject({ earlierBoots: 5, unread: 0 })
  })

  it('takes the last boot of the journal, whose separators are no messages', () => {
    const separator = `-- Boot ${'0a'.repeat(16)} --\n`
    const log = readKernelLog(`-- Logs begin at Sun --\n${separator}${boot('old')}${separator}${boot('new')}`)
    expect(log).toMatchObject({ earlierBoots: 5, unread: 0 })
    expect(log.lines).toContain('new')
  })

  it.each([
    ['a separator', `-- Boot ${'0a'.repeat(16)} --\n`],
    ['the version', ''],
  ])('takes the last of boots of which somebody kept a few lines, parted by %s', (_, separator) => {
    const few = (word: string) =>
      ['Linux version 6.12.0', 'Command line: quiet', word].map((text) => `[    0.0] ${text}\n`).join('')
    expect(readKernelLog(`${few('old')}${separator}${few('new')}`)).toMatchObject({ earlierBoots: 3, unread: 0 })
  })

  it('takes what /proc/version shows behind a log for no other boot', () => {
    const log = ['Linux version 6.12.0', 'Command line: quiet', 'a', 'b', 'c', 'd'].map((text) => `[    0.0] ${text}\n`)
    const lines = readKernelLog(`${log.join('')}\nLinux version 6.12.0 (build@host) #1 SMP\n`)
    expect(lines).toMatchObject({ earlierBoots: 0 })
    expect(lines.lines).toContain('d')
  })

  it('keeps all of a log that was printed newest first', () => {
    const newestFirst = `${boot('old')}${boot('new')}`.trimEnd().split('\n').toReversed().join('\n')
    expect(readKernelLog(`${newestFirst}\n`)).toMatchObject({ earlierBoots: 0, unread: 0 })
  })
})

describe('hostile logs', () => {
  it.each([
    ['brackets', `${'['.repeat(2000)}\n`],
    ['digits', `${'1:'.repeat(1000)}\n`],
    ['slashes', `${'/a'.repeat(1000)} ITS regs\n`],
    ['blanks', `${' '.repeat(2000)}x\n`],
    ['words of messages', `${'GICv5 ITS: '.repeat(180)}\n`],
    ['escapes', `${'\u001b[1'.repeat(900)}\n`],
  ])('takes time in proportion to many lines of %s', (_, line) => {
    const cost = (times: number) => processorMilliseconds(() => void readKernelLog(line.repeat(times)))
    cost(250)
    // Eight times the lines; what grows with their square takes 64 times as long.
    expect(cost(4000)).toBeLessThan(Math.max(cost(500), 1) * 32)
  })
})
