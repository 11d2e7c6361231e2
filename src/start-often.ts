import { CHECK } from './commands/check.js'
import { LINT } from './commands/lint.js'
import { PROBE } from './commands/probe.js'
import { quickScript } from './start.js'

// Nothing here is loaded on request: that alone would cost a start a twentieth.
export const { start, lineRun } = quickScript({ check: () => CHECK, lint: () => LINT, probe: () => PROBE })
