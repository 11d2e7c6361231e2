import { UsageError } from './errors.js'

/** --json and a form that is not JSON's cannot both be had; text is what stands there when nobody asks. */
export function assertOneForm({ json, format }: { readonly json: boolean; readonly format: string }): void {
  if (!json || format === 'text' || format === 'human' || format === 'json') return
  throw new UsageError(`--json and --format ${format} exclude each other`, {
    path: '--format',
    hint: 'Give one of them.',
  })
}
