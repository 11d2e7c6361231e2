import { isShallow } from '../budget/json.js'
import { decodedText } from '../text/evidence-lines.js'
import { InputError } from './errors.js'
import { inputName, readInputFile } from './input-file.js'

/** Files that people write by hand, or a program for them: a megabyte is thousands of entries. */
const LIMIT_BYTES = 1024 * 1024

/**
 * The JSON value in a policy or a baseline. Throws NotFoundError for what is not there, InputError for what is larger or
 * deeper than such files are, and for what is no JSON.
 *
 * @param noun with its article: `a policy`
 */
export function readGateFile(path: string, noun: string): unknown {
  const content = readInputFile(path, { limitBytes: LIMIT_BYTES, noun, directoryHint: 'Name the file.' })
  const name = inputName(path)
  let value: unknown
  try {
    value = JSON.parse(decodedText(content))
  } catch {
    throw new InputError(`${name}: ${noun} that is no JSON`, {
      path,
      hint: 'docs/automation.md shows one; intremap schema prints how it has to look.',
    })
  }
  if (!isShallow(value)) throw new InputError(`${name}: nested deeper than ${noun} is`, { path })
  return value
}
