import type { CommandSpec } from '../cli/command-spec.js'
import { CAPTURE } from './capture.js'
import { CHECK } from './check.js'
import { completionCommand } from './completion.js'
import { DECODE } from './decode.js'
import { DIFF } from './diff.js'
import { DOCTOR } from './doctor.js'
import { EMULATE } from './emulate.js'
import { EXPLAIN } from './explain.js'
import { FLEET } from './fleet.js'
import { LINT } from './lint.js'
import { PROBE } from './probe.js'
import { RULES } from './rules.js'
import { SCHEMA } from './schema.js'
import { SELFTEST } from './selftest.js'
import { TOPOLOGY } from './topology.js'

/** All commands: help, completion and the man pages are made of this list. */
export const COMMAND_LIST: readonly CommandSpec[] = [
  CAPTURE,
  CHECK,
  completionCommand(() => COMMAND_LIST),
  DECODE,
  DIFF,
  DOCTOR,
  EMULATE,
  EXPLAIN,
  FLEET,
  LINT,
  PROBE,
  RULES,
  SCHEMA,
  SELFTEST,
  TOPOLOGY,
]
