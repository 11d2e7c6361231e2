import { execFileSync } from 'node:child_process'

/** Node path → property name → value bytes in hexadecimal. */
export type NodesAndProperties = Map<string, Map<string, string>>

/** What `dtc -I dtb -O dts` prints of a blob. */
export function dtcSource(blobPath: string): string {
  return execFileSync('dtc', ['-q', '-I', 'dtb', '-O', 'dts', blobPath], {
    encoding: 'latin1',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

/** Nodes and properties of source that dtc printed from a blob: one node or property a line, no labels. */
export function readDtcSource(source: string): NodesAndProperties {
  const nodes: NodesAndProperties = new Map()
  const open: string[] = []
  for (const line of source.split('\n')) {
    const text = line.trim()
    if (text === '' || text.startsWith('/dts-v1/') || text.startsWith('/memreserve/')) continue
    if (text.endsWith(' {')) {
      const name = text.slice(0, -2)
      open.push(name === '/' ? '' : name)
      nodes.set(pathOf(open), new Map())
    } else if (text === '};') open.pop()
    else addProperty(nodes, pathOf(open), text)
  }
  return nodes
}

function pathOf(open: readonly string[]): string {
  return open.length === 1 ? '/' : open.join('/')
}

function addProperty(nodes: NodesAndProperties, path: string, text: string): void {
  const match = /^(\S+?)(?: = (.*))?;$/.exec(text)
  const properties = nodes.get(path)
  if (!match || !properties) throw new Error(`not a line of dtc: ${text}`)
  const [, name = '', value = ''] = match
  properties.set(name, hexOfValue(value))
}

/** Strings, cells in angle brackets and bytes in square brackets, in any order, with commas between. */
function hexOfValue(value: string): string {
  let hex = ''
  for (const [part] of value.matchAll(/"(?:\\.|[^"\\])*"|<[^>]*>|\[[^\]]*\]/g)) {
    const inside = part.slice(1, -1)
    if (part.startsWith('"')) hex += hexOfString(inside)
    else if (part.startsWith('[')) hex += inside.replaceAll(' ', '')
    else for (const cell of inside.split(' ').filter(Boolean)) hex += Number(cell).toString(16).padStart(8, '0')
  }
  return hex
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0 }

function hexOfString(text: string): string {
  const bytes: number[] = []
  for (const [, escaped, code, plain] of text.matchAll(/\\x([0-9a-f]{2})|\\(.)|([^\\])/gs)) {
    if (escaped !== undefined) bytes.push(Number.parseInt(escaped, 16))
    else if (code !== undefined) bytes.push(ESCAPES[code] ?? code.charCodeAt(0))
    else if (plain !== undefined) bytes.push(plain.charCodeAt(0))
  }
  return Buffer.from([...bytes, 0]).toString('hex')
}
