// What each machine is known to answer, for mutants that no unit test notices: scripts/mutate.mjs plays them last.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { probeMachine } from '../../src/probes/machine.js'
import { buildReport } from '../../src/report/probe/build.js'
import { judge } from '../../src/selftest/judge.js'
import { parseMachineFile } from '../../src/selftest/machine-file.js'
import { parseOracle } from '../../src/selftest/oracle.js'
import { openBundle } from '../../src/sysroot/bundle-sysroot.js'
import { captureNames } from '../../test/support/captures.js'
import { CAPTURES } from '../../test/support/outside.js'
import { machineNames } from '../../test/support/whole-machines.js'

const FIXTURES = new URL('../../test/fixtures/', import.meta.url)
const files = new Map<string, string | URL>([
  ...captureNames().map((name) => [name, `${CAPTURES}/${name}.tar.gz`] as const),
  ...machineNames.map((name) => [name, new URL(`${name}.tar.gz`, FIXTURES)] as const),
])

describe('a machine answers as it is known to', () => {
  test.each([...files])('%s', async (name, file) => {
    const { sysroot, extras } = await openBundle(readFileSync(file), name)
    const written = (extra: string) => new TextDecoder().decode(extras.get(extra))
    const machine = extras.has('machine.json') ? parseMachineFile(written('machine.json')) : undefined
    const oracle = extras.has('oracle.json') ? parseOracle(written('oracle.json')) : undefined
    const { differences, comparisons } = judge(buildReport(probeMachine(sysroot)), machine, oracle)
    expect(comparisons).toBeGreaterThan(0)
    expect(differences).toEqual([])
  })
})
