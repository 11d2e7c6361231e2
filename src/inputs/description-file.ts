import { Budget } from '../budget/budget.js'
import { takesJson } from '../budget/json.js'
import { utf16Text } from '../text/evidence-lines.js'
import { InputError } from './errors.js'
import { inputName, readInputFile } from './input-file.js'

const DESCRIPTION = {
  limitBytes: 64 * 1024 * 1024,
  noun: 'a machine description',
  directoryHint: 'Name the JSON file in it.',
}
const SCHEMA_HINT = 'intremap emulate --schema prints what a description may hold.'

/** A description that was taken, or where it is wrong and how: expected and found. */
type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly { readonly path: string; readonly message: string }[] }

function parsedJson(content: Uint8Array, name: string): unknown {
  const budget = new Budget()
  if (!takesJson(content, 'descriptionValues', budget)) {
    const most = budget.limit('descriptionValues')
    throw new InputError(`${name}: a machine description of more than ${most} values`, {
      path: name,
      hint: 'Describe the part of the machine that matters.',
    })
  }
  try {
    return JSON.parse(utf16Text(content) ?? new TextDecoder('utf-8', { fatal: true }).decode(content))
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : 'its bytes are not UTF-8'
    throw new InputError(`${name} is not JSON`, { path: name, hint: SCHEMA_HINT, mistakes: [why] })
  }
}

/**
 * Reads the JSON file at `path` (`-` is standard input) and takes what `parse` makes of it. Throws NotFoundError where
 * there is no such file, InputError with every mistake where it is no JSON or not what `parse` takes.
 */
export function readDescription<T>(path: string, parse: (json: unknown) => Parsed<T>): T {
  const name = inputName(path)
  const parsed = parse(parsedJson(readInputFile(path, DESCRIPTION), name))
  if (parsed.ok) return parsed.value
  const count = parsed.errors.length === 1 ? 'one mistake' : `${parsed.errors.length} mistakes`
  const mistakes = parsed.errors.map(({ path, message }) => `${path}: ${message}`)
  throw new InputError(`${name} describes no machine, ${count}`, { path: name, hint: SCHEMA_HINT, mistakes })
}
