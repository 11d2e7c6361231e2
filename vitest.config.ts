import { defineConfig } from 'vitest/config'

/** Tests that put other modules or globals in place while modules load: each has a process of its own. */
const ALONE = ['test/unit/docs/features.test.ts', 'test/unit/linear-patterns.test.ts']

/** Tests of verdicts, which put the same in place (test/support/law-judgement.ts): they share a process that others do not. */
const VERDICTS = ['test/property/emulated-machines.test.ts', 'test/property/law-over-facts.test.ts']

/** Tests of verdicts that put probes in place too (test/support/law-probes.ts), which others would have loaded before. */
const LAW = ['test/property/law-over-assignment.test.ts', 'test/property/soundness-law/*.test.ts']

export default defineConfig({
  test: {
    globalSetup: ['test/support/say-what-is-missing.ts'],
    setupFiles: ['test/support/after-each-file.ts'],
    testTimeout: 600_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Most of what tests make lives for a moment: with room for it there is a third less to collect.
    execArgv: ['--max-semi-space-size=64'],
    // Vitest leaves one core idle unless told otherwise.
    maxWorkers: '100%',
    reporters: (process.env['CI'] ?? '') !== '' ? ['verbose'] : ['default'],
    projects: [
      // A process loads the program once for all its files: no module keeps anything (test/unit/module-state.test.ts).
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: [...ALONE, ...VERDICTS, ...LAW],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'verdicts', include: VERDICTS, isolate: false } },
      { extends: true, test: { name: 'law', include: LAW, isolate: false } },
      { extends: true, test: { name: 'alone', include: ALONE } },
    ],
  },
})
