import { UsageError } from '../cli/errors.js'
import { nearest } from '../inputs/nearest.js'

const names = (value: unknown): readonly string[] =>
  Array.isArray(value)
    ? value.map((item: unknown) =>
        typeof item === 'object' && item !== null && 'name' in item ? String(item.name).toUpperCase() : String(item),
      )
    : []

/** What the parser found wrong, in one line. Its own messages are several lines, some with colours. */
function describe(error: Error): { readonly message: string; readonly path?: string } {
  const first = error.message.split('\n')[0] ?? ''
  const flags = 'flags' in error ? names(error.flags) : []
  if (flags.length > 0) return { message: `unknown flag ${flags.join(', ')}`, path: flags[0] ?? '' }
  const parsed = 'args' in error ? names(error.args) : []
  if (first.startsWith('Missing')) return { message: `missing argument ${parsed.join(', ')}`, path: parsed[0] ?? '' }
  if (first.startsWith('Unexpected'))
    return { message: `unexpected argument ${parsed.join(', ')}`, path: parsed[0] ?? '' }
  const flag = /--[a-z][a-z-]*/.exec(first)?.[0]
  const message = first
    .replace(/^Flag (--\S+) expects/, '$1 needs')
    .replace(/^Expected (--[^=]+)=(.*) to be/s, '$1 is $2, but has to be')
    .replace(/^Expected (.*) to be/s, 'the argument is $1, but has to be')
    .replace(/^Flag (--\S+) can only be specified once$/, '$1 is given twice')
  return flag === undefined ? { message } : { message, path: flag }
}

/** The flag that an unknown one may have been meant as, in words; empty where there is none. */
function meantFlag(message: string, path: string | undefined, flags: readonly string[]): string {
  if (path === undefined || !message.startsWith('unknown flag')) return ''
  const [name] = nearest(path.replace(/^--/, ''), flags, 1)
  return name === undefined ? '' : `Perhaps --${name} is meant. `
}

/**
 * Waits for a command's parser; whatever it finds wrong is a usage error.
 *
 * @param flags names of the flags that the command has
 */
export async function parsed<T>(command: string, flags: readonly string[], parsing: Promise<T>): Promise<T> {
  try {
    return await parsing
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof Error)) throw error
    const { message, path } = describe(error)
    throw new UsageError(message, {
      ...(path === undefined ? {} : { path }),
      hint: `${meantFlag(message, path, flags)}intremap ${command} --help shows what it takes.`,
    })
  }
}
