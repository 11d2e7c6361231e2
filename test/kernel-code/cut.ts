/** A part of a C file, whole, from the line on which it begins. */
function cut(source: string, pattern: RegExp, what: string): string {
  const found = pattern.exec(source)
  if (!found) throw new Error(`${what} is not in this release`)
  return found[0]
}

const inName = (name: string) => name.replaceAll(/\W/g, String.raw`\$&`)

/** The definition of a function in the kernel's style: its head on lines of their own, braces in the first column. */
export function cutFunction(source: string, name: string): string {
  const pattern = new RegExp(String.raw`^[a-z_][^\n;{}#]*\b${inName(name)}\([^;{}]*?\)\n\{\n[\s\S]*?^\}\n`, 'm')
  return cut(source, pattern, name)
}

/** As `cutFunction`, and nothing where the release has no such function. */
export function cutFunctionIfThere(source: string, name: string): string {
  try {
    return cutFunction(source, name)
  } catch {
    return ''
  }
}

/** What stands between two pieces of text, the first included. */
export function cutBetween(source: string, first: string, next: string): string {
  const start = source.indexOf(first)
  const end = source.indexOf(next, start)
  if (start < 0 || end < 0) throw new Error(`"${first}" … "${next}" is not in this release`)
  return source.slice(start, end)
}

/** Names of the functions of a file whose bodies hold what is looked for. */
export function functionsThatMention(source: string, mark: RegExp): readonly string[] {
  const definitions = source.matchAll(/^[a-z_][^\n;{}#=]*?\b(\w+)\([^;{}()]*\)\n\{\n[\s\S]*?^\}\n/gm)
  return [...definitions].filter(([body]) => mark.test(body)).map(([, name = '']) => name)
}
