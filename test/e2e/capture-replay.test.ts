import { describe, expect, it } from 'vitest'
import { captureMachine } from '../../src/capture/capture.js'
import { RedactingSysroot } from '../../src/capture/redacting-sysroot.js'
import { probeMachine } from '../../src/probes/machine.js'
import { buildReport } from '../../src/report/probe/build.js'
import { openBundle } from '../../src/sysroot/bundle-sysroot.js'
import { openHostSysroot } from '../../src/sysroot/directory-sysroot.js'
import { runDmesg } from '../../src/sysroot/kernel-log.js'
import { RecordingSysroot } from '../../src/sysroot/recording-sysroot.js'
import type { TracedSysroot } from '../../src/sysroot/trace.js'
import { captureNames, openCapture } from '../support/captures.js'
import { bundledMachines } from '../support/machines.js'

const NOBODY = 65_534

/** The report as it is printed, but for the place it comes from and the names of devices, which a capture does not keep. */
function printed(sysroot: TracedSysroot): string {
  const machine = probeMachine(new RedactingSysroot(sysroot))
  return JSON.stringify({ ...buildReport({ ...machine, pciNames: new Map() }), source: 'left out' })
}

/** What a report says, without the texts it was read from and the names of machine and firmware. */
function answers(report: ReturnType<typeof buildReport>): object {
  return {
    ...report,
    platform: { ...report.platform, machine: 'left out' },
    findings: report.findings.map((finding) => ({
      ...finding,
      evidence: finding.evidence.map(({ source }) => source),
    })),
  }
}

async function expectReplay(sysroot: TracedSysroot): Promise<void> {
  const first = await captureMachine(sysroot, probeMachine).bundle()
  const second = await captureMachine(sysroot, probeMachine).bundle()
  expect(Buffer.compare(first, second)).toBe(0)
  const bundle = await openBundle(first, 'again')
  expect(bundle.notes).toEqual([])
  expect(printed(bundle.sysroot)).toBe(printed(sysroot))
  const converted = await captureMachine(bundle.sysroot, probeMachine).bundle()
  expect(Buffer.compare(converted, first)).toBe(0)
}

/** Runs `read` with the rights of nobody. Everything in it is synchronous, so that nothing else runs meanwhile. */
function asNobody<T>(read: () => T): T {
  if (!process.setegid || !process.seteuid) throw new Error('this system has no users')
  process.setegid(NOBODY)
  process.seteuid(NOBODY)
  try {
    return read()
  } finally {
    process.seteuid(0)
    process.setegid(0)
  }
}

describe('capture, then probe, is probe', async () => {
  for (const { name, sysroot } of await bundledMachines()) it(name, () => expectReplay(sysroot))
  for (const name of captureNames()) {
    it(`${name}, as it was captured`, async () => {
      const { sysroot } = await openCapture(name)
      await expectReplay(sysroot)
      const raw = buildReport(probeMachine(sysroot))
      expect(answers(buildReport(probeMachine(new RedactingSysroot(sysroot))))).toEqual(answers(raw))
    })
  }

  it('for this host', () => expectReplay(openHostSysroot(() => runDmesg())))

  it.skipIf(process.geteuid?.() !== 0)('for this host as nobody (only as root)', async () => {
    const host = openHostSysroot(() => runDmesg())
    const { record, capture, report } = asNobody(() => {
      const recording = new RecordingSysroot(new RedactingSysroot(host))
      probeMachine(recording)
      return { record: recording.record(), capture: captureMachine(host, probeMachine), report: printed(host) }
    })
    const denied = record.reads.filter(({ result }) => result.state === 'unreadable' && result.reason === 'permission')
    console.log(`as nobody ${denied.length} of ${record.reads.length} reads of this host were refused`)
    const bundle = await openBundle(await capture.bundle(), 'again')
    expect(printed(bundle.sysroot)).toBe(report)
  })
})
