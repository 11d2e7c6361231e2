import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/say-what-is-missing.ts'],
    testTimeout: 600_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Vitest leaves one core idle unless told otherwise.
    maxWorkers: '100%',
    reporters: (process.env['CI'] ?? '') !== '' ? ['verbose'] : ['default'],
  },
})
