import { Flags } from '@oclif/core'
import type { LintFailOn } from '../report/lint-report.js'
import { kernelRelease } from './flags.js'

const LEVELS = ['critical', 'high', 'medium', 'low', 'info', 'never'] as const

/** How to judge firmware, and in which form to say it. */
export const LINT_FLAGS = {
  'fail-on': Flags.option({
    summary: 'Least severity of a finding that makes the exit code 1.',
    options: LEVELS,
    default: 'medium',
    helpGroup: 'JUDGEMENT',
  })(),
  'kernel-release': Flags.string({
    summary: 'Release that is asked about, as in 6.12; without it what each of them does.',
    helpValue: 'R',
    helpGroup: 'JUDGEMENT',
  }),
  format: Flags.option({
    summary: 'Form of the output.',
    options: ['text', 'json', 'sarif', 'junit'] as const,
    default: 'text',
    helpGroup: 'OUTPUT',
  })(),
}

export interface LintFlags {
  readonly 'fail-on': LintFailOn
  readonly 'kernel-release'?: string | undefined
}

/** What the library is asked for, checked. */
export function lintOptions(flags: LintFlags): { readonly failOn: LintFailOn; readonly kernelRelease?: string } {
  const release = kernelRelease(flags['kernel-release'])
  return { failOn: flags['fail-on'], ...(release === undefined ? {} : { kernelRelease: release }) }
}
