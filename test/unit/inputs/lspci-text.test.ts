import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { captureMachine } from '../../../src/capture/capture.js'
import { RedactingSysroot } from '../../../src/capture/redacting-sysroot.js'
import { recognise } from '../../../src/inputs/recognise.js'
import { openTold } from '../../../src/inputs/told-sysroot.js'
import { TextEvidence } from '../../../src/inputs/texts/text-evidence.js'
import { ToldMachine } from '../../../src/inputs/texts/told-machine.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { buildReport } from '../../../src/report/probe/build.js'
import { openBundle } from '../../../src/sysroot/bundle-sysroot.js'
import { openDirectorySysroot } from '../../../src/sysroot/directory-sysroot.js'
import { CAPTURES, hasLspci } from '../../support/outside.js'

/** Of `lspci -vvvx` as root: the header only, capabilities withheld. */
const TEXT = `00:02.0 PCI bridge: Red Hat, Inc. QEMU PCIe Root port (prog-if 00 [Normal decode])
\tControl: I/O+ Mem+ BusMaster+ SpecCycle- MemWINV- VGASnoop- ParErr- Stepping- SERR- FastB2B- DisINTx+
\tBus: primary=00, secondary=01, subordinate=01, sec-latency=0
\tIOMMU group: 0
\tKernel driver in use: pcieport
00: 36 1b 0c 00 07 05 10 00 00 00 04 06 10 00 01 00
10: 00 00 b0 10 00 00 00 00 00 01 01 00 11 11 00 00
20: 80 10 90 10 01 00 11 00 00 80 00 00 00 80 00 00
30: 00 00 00 00 54 00 00 00 00 00 00 00 33 01 03 00

01:00.0 SCSI storage controller: Red Hat, Inc. Virtio 1.0 block device (rev 01)
\tSubsystem: Red Hat, Inc. QEMU
00: f4 1a 42 10 06 04 10 00 01 00 00 01 00 00 00 00
10: 00 00 00 00 00 00 80 10 00 00 00 00 00 00 00 00
20: 0c 00 00 00 00 80 00 00 00 00 00 00 f4 1a 00 11
30: 00 00 00 00 40 00 00 00 00 00 00 00 33 01 00 00

`
const origin = { kind: 'bundle', name: 'lspci.txt' } as const
const open = (text: string) => {
  const machine = new ToldMachine()
  const found = new TextEvidence(machine, origin.name).read(Buffer.from(text, 'latin1'))
  if (!found.some(({ kind }) => kind === 'lspci')) throw new Error('not taken for lspci')
  return openTold(machine, origin)
}
const functionsOf = (text: string) => {
  const { functions } = probeMachine(open(text))
  return functions.state === 'known' ? functions.value : []
}

describe('the text of lspci', () => {
  it('is told by its content', () => {
    const is = (text: string) => recognise(Buffer.from(text)).kind === 'text'
    expect(is(TEXT)).toBe(true)
    expect(is(TEXT.replaceAll(/^([0-9a-f]{2}:[0-9a-f]{2}\.\d)/gm, '0001:$1'))).toBe(true)
    expect([is(''), is('00: 36 1b 0c 00\n'), is('{"schema":"x"}\n')]).toEqual([false, false, false])
  })

  it('gives functions with their ids, and the way down from the bridge', () => {
    const rows = functionsOf(TEXT).map(({ name, vendor, device, classCode, upstream, rootBus }) => [
      name,
      ...[vendor, device, classCode].map((fact) => (fact.state === 'known' ? fact.value : fact.state)),
      upstream.state === 'known' ? upstream.value : upstream.state,
      rootBus.state === 'known' ? rootBus.value.name : rootBus.state,
    ])
    expect(rows).toEqual([
      ['0000:00:02.0', 0x1b36, 0x000c, 0x060400, [], 'pci0000:00'],
      ['0000:01:00.0', 0x1af4, 0x1042, 0x010000, ['0000:00:02.0'], 'pci0000:00'],
    ])
  })

  it('tells nothing of groups, IOMMUs and the rest: no verdict but unknown', () => {
    const machine = probeMachine(open(TEXT))
    expect([machine.iommus, machine.kernel.release].map((fact) => fact.state === 'unreadable' && fact.reason)).toEqual([
      'not-collected',
      'not-collected',
    ])
    const report = buildReport(machine)
    expect(report.devices.map(({ verdict }) => verdict)).toEqual(['unknown', 'unknown'])
    expect(report.devices.map(({ kernel }) => kernel.isolatedMsi)).toEqual(['unknown', 'unknown'])
    expect(report.exitCode).toBe(3)
  })

  it('lets damage make a space unreadable', () => {
    const state = (text: string) => functionsOf(text).map(({ configuration }) => configuration.state)
    expect(state(TEXT)).toEqual(['known', 'known'])
    expect(state(TEXT.replace(/^20: 80.*\n/m, ''))).toEqual(['unreadable', 'known'])
    expect(state(TEXT.replace(/^30: 00 00 00 00 40.*\n/m, ''))).toEqual(['known', 'unreadable'])
    expect(state(`${TEXT}${TEXT}`)).toEqual(['known', 'known'])
    expect(state(`${TEXT}${TEXT.replaceAll('36 1b 0c', '36 1b 0d')}`)).toEqual(['unreadable', 'known'])
  })

  it('can be captured', async () => {
    const bundle = await openBundle(await captureMachine(open(TEXT), probeMachine).bundle(), 'again')
    // A capture keeps no names.
    const report = (sysroot: Parameters<typeof probeMachine>[0]) => ({
      ...buildReport({ ...probeMachine(sysroot), pciNames: new Map() }),
      source: 'left out',
    })
    expect(report(bundle.sysroot)).toEqual(report(new RedactingSysroot(open(TEXT))))
  })
})

const CAPTURE = `${CAPTURES}/arm-v3its-topo-acpi-612.tar.gz`

describe.skipIf(!existsSync(CAPTURE) || !hasLspci)('lspci -vvvxxxx of a capture (needs lspci and the capture)', () => {
  it('gives the functions, bridges and configuration spaces of the capture', () => {
    const directory = mkdtempSync(join(tmpdir(), 'intremap-lspci-'))
    try {
      execFileSync('tar', ['-xzf', CAPTURE, '-C', directory])
      const root = join(directory, 'sysroot')
      const options = ['-A', 'linux-sysfs', '-O', `sysfs.path=${root}/sys/bus/pci`, '-D', '-vvvxxxx']
      const text = execFileSync('lspci', options, { encoding: 'latin1', stdio: ['ignore', 'pipe', 'ignore'] })
      const whole = probeMachine(openDirectorySysroot(root, { kind: 'sysroot', name: root })).functions
      if (whole.state !== 'known') throw new Error('the capture has no functions')
      const shown = (functions: ReturnType<typeof functionsOf>) =>
        functions.map(({ name, configuration, upstream }) => [
          name,
          upstream.state === 'known' ? upstream.value : upstream.state,
          configuration.state === 'known'
            ? { ...configuration.value, extent: configuration.value.extent }
            : configuration.state,
        ])
      expect(whole.value.length).toBe(18)
      expect(shown(functionsOf(text))).toEqual(shown(whole.value))
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
