import { describe, expect, it } from 'vitest'
import { renderHumanExplain } from '../../../../src/render/explain/human-explain.js'
import { renderHumanProbe } from '../../../../src/render/probe/human-probe.js'
import { explainDevice } from '../../../../src/report/explain/explain.js'
import { analyse } from '../../../../src/report/probe/build.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { arm, sysrootOf } from '../../rules/metal.js'
import { PLAIN } from '../report-sample.js'

/** The release whose rules answer, and whether people are told that it is another, in `probe` and in `explain`. */
function answeredBy(release: string, asked?: string) {
  const machine = probeMachine(sysrootOf({ machine: arm({ kernel: { release } }) }))
  const analysis = analyse(machine, asked === undefined ? {} : { kernelRelease: asked })
  const told = /is\s+newer\s+than\s+7\.2,/
  return [
    analysis.report.platform.gateRelease,
    told.test(renderHumanProbe(analysis.report, PLAIN)),
    told.test(renderHumanExplain(explainDevice(analysis, '01:00.0'), PLAIN)),
  ]
}

// The newest row of the kernel's history is 7.2.
describe('a kernel newer than the newest row', () => {
  it.each(['7.3.4+deb13-arm64', '7.3.0', '8.0.1', '10.0'])(
    '%s is taken to answer as that row, with a note',
    (release) => {
      expect(answeredBy(release)).toEqual(['7.2', true, true])
      expect(answeredBy('6.12.95', release)).toEqual(['7.2', true, true])
    },
  )

  it.each(['7.2.13+deb14-arm64', '7.2', '7.1.0', '6.12.95', '4.9.0'])('%s answers for itself', (release) => {
    expect(answeredBy(release)).toEqual([release, false, false])
    expect(answeredBy('7.3.4', release)).toEqual([release, false, false])
  })

  it('is one that tells its numbers', () => {
    expect(answeredBy('unstable')).toEqual(['unknown', false, false])
  })
})
