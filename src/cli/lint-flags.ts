import { SEVERITIES } from '../report/severity.js'
import type { LintFailOn } from '../report/lint/lint-report.js'
import type { FlagTable } from './command-spec.js'
import { kernelRelease } from './flags.js'

/** How to judge firmware, and in which form to say it. */
export const LINT_FLAGS = {
  'fail-on': {
    kind: 'choice',
    summary: 'Least severity of a finding that makes the exit code 1.',
    options: [...SEVERITIES, 'never'],
    default: 'medium',
    group: 'JUDGEMENT',
  },
  'kernel-release': {
    kind: 'string',
    summary: 'Release that is asked about, as in 6.12; without it what each of them does.',
    value: 'R',
    group: 'JUDGEMENT',
  },
  format: {
    kind: 'choice',
    summary: 'Form of the output; human is another name of text.',
    options: ['text', 'json', 'sarif', 'junit', 'human'],
    default: 'text',
    group: 'OUTPUT',
  },
} as const satisfies FlagTable

export interface LintFlags {
  readonly 'fail-on': LintFailOn
  readonly 'kernel-release'?: string | undefined
}

/** What the library is asked for, checked. */
export function lintOptions(flags: LintFlags): { readonly failOn: LintFailOn; readonly kernelRelease?: string } {
  const release = kernelRelease(flags['kernel-release'])
  return { failOn: flags['fail-on'], ...(release === undefined ? {} : { kernelRelease: release }) }
}
