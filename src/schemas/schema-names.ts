/** Documents whose JSON Schema is published; the build writes each to `dist/schemas/NAME.json`. */
export const SCHEMA_NAMES = [
  'report',
  'device',
  'explanation',
  'lint',
  'diff',
  'doctor',
  'fleet',
  'host',
  'decode',
  'rules',
  'term',
  'selftest',
  'selftest-list',
  'capture-list',
  'bundle-summary',
  'tree',
  'description',
  'baseline',
  'policy',
  'error',
] as const
export type SchemaName = (typeof SCHEMA_NAMES)[number]
