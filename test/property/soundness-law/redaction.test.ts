import { describe, expect, it } from 'vitest'
import { RedactingSysroot } from '../../../src/capture/redacting-sysroot.js'
import type { Sysroot } from '../../../src/sysroot/sysroot.js'
import { RecordingSysroot } from '../../../src/sysroot/recording-sysroot.js'
import { probeMachine, probes } from '../../support/law-probes.js'
import { bundledMachines } from '../../support/machines.js'
import { mutationsOf } from '../../support/mutations.js'
import { rememberingParsers } from '../../support/remembering-parsers.js'
import { strengthenings } from '../../support/strengthening.js'
import { Verdicts } from '../../support/verdicts.js'

/** One of so many mutations is tried, with a step that is prime to their kinds. */
const EVERY = 41

describe('redaction', async () => {
  for (const { name, sysroot } of await bundledMachines()) {
    it(`makes nothing stronger, whatever is damaged in ${name}`, () => {
      const parsers = rememberingParsers()
      const probed = (machine: Sysroot) => probeMachine(machine, parsers)
      const recording = new RecordingSysroot(sysroot)
      probed(recording)
      const raw = new Verdicts(probes.remember(() => probed(sysroot)))
      const redacted = new Verdicts(probed(new RedactingSysroot(sysroot)))
      const mutations = recording
        .record()
        .reads.flatMap((read) => mutationsOf(read).map((mutation) => ({ path: read.path, mutation })))
      const tried = mutations.filter((_, index) => index % EVERY === 0)
      for (const { path, mutation } of tried) {
        const changed = sysroot.withChange(path, mutation.change)
        const stronger = strengthenings(
          raw.of(probes.recall(changed, probed)),
          redacted.of(probed(new RedactingSysroot(changed))),
        )
        expect([path, mutation.name, stronger]).toEqual([path, mutation.name, []])
      }
    })
  }
})
