import type {
  DecodedDeviceTree,
  DecodedNode,
  DecodedProperty,
  DecodedValue,
} from '../../report/decode/decoded-devicetree.js'
import { escapeText } from '../layout/escape.js'
import { styleOf, type Style } from '../layout/style.js'
import type { RenderOptions } from '../types.js'

const NAME_WIDTH = 20
/** Lines that one property may take without `all`. */
const MOST_LINES = 12

/** Every character, however long the text is: what is decoded has to be shown whole. */
function escaped(text: string): string {
  const parts: string[] = []
  for (let at = 0; at < text.length; at += 200) parts.push(escapeText(text.slice(at, at + 200)))
  return parts.join('')
}

/** Cuts text into lines, behind a space where there is one in the last two thirds of a line, and loses no other character. */
function broken(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let rest = text
  while (rest.length > width) {
    const piece = rest.slice(0, width)
    const space = piece.lastIndexOf(' ') + 1
    const cut = space > width / 3 ? space : width
    lines.push(rest.slice(0, cut).trimEnd())
    rest = rest.slice(cut)
  }
  lines.push(rest)
  return lines
}

/** What is not shown, with its number: `decode` has so much room for one input. */
const leftOutText = (leftOut: number, what: string): string => `... ${leftOut} more left out (${what})`

function referenceText({ phandle, node }: { readonly phandle: string; readonly node: string }): string {
  if (node === 'none') return `${phandle} (no such node)`
  return node === 'unknown' ? `${phandle} (node not known)` : escaped(node)
}

/** First and last of `length` numbers from `first`. */
function rangeText(first: string, length: string): string {
  const count = BigInt(length)
  if (count === 0n) return `${first}, none`
  return count === 1n ? first : `${first}-0x${(BigInt(first) + count - 1n).toString(16)}`
}

/** Lines of a value, before they are broken. */
function valueLines(value: DecodedValue): readonly string[] {
  switch (value.type) {
    case 'empty':
      return ['(present)']
    case 'strings':
      return [value.strings.map((string) => `"${escaped(string)}"`).join(', ')]
    case 'cells':
      return [value.cells.join(' ')]
    case 'bytes':
      return [(value.hex.match(/../g) ?? []).join(' ')]
    case 'reg':
      return value.entries.map(({ address, size, cpuAddress }) => {
        const extent = size === '0x0' ? address : rangeText(address, size)
        return cpuAddress === 'unknown' || cpuAddress === address ? extent : `${extent} (CPU address ${cpuAddress})`
      })
    case 'ranges':
      return value.entries.map(({ space, child, parent, size }) => {
        const pci = space === undefined ? '' : `PCI ${space} `
        return `${pci}${rangeText(child, size)} at ${parent} of the parent bus`
      })
    case 'references':
      return value.entries.map((entry) => [referenceText(entry), ...entry.arguments].join(' '))
    case 'id-map':
      return value.entries.map(({ idBase, controller, out, length }) => {
        const [base] = out
        const target = out.length === 1 && base !== undefined ? rangeText(base, length) : out.join(' ')
        return `${rangeText(idBase, length)} -> ${referenceText(controller)} ${target}`
      })
    case 'unreadable':
      return [value.reason === 'not read' ? '(present, not read)' : `(unreadable: ${value.reason})`]
  }
}

function propertyLines(property: DecodedProperty, offsetWidth: number, options: RenderOptions): readonly string[] {
  const offset = offsetWidth === 0 ? '' : `${(property.offset ?? '').padEnd(offsetWidth)}  `
  const lead = `  ${offset}`
  const indent = ' '.repeat(lead.length + NAME_WIDTH + 1)
  const width = Math.max(20, options.columns - indent.length)
  const texts = [
    ...valueLines(property.value),
    ...(property.fault === undefined ? [] : [`! ${escaped(property.fault)}`]),
  ]
  const rest = property.leftOut === undefined ? [] : [leftOutText(property.leftOut, 'bytes')]
  const lines = texts.flatMap((text) => broken(text, width))
  const shown = options.all ? [...lines] : lines.slice(0, MOST_LINES)
  if (shown.length < lines.length) shown.push(`... ${lines.length - shown.length} more lines, shown with --all`)
  for (const one of rest) shown.push(one)
  const name = escaped(property.name)
  const [first = ''] = shown
  if (name.length <= NAME_WIDTH) {
    const head = `${lead}${name.padEnd(NAME_WIDTH)} ${first}`.trimEnd()
    return [head, ...shown.slice(1).map((line) => `${indent}${line}`)]
  }
  const names = broken(name, Math.max(20, options.columns - lead.length))
  return [
    ...names.map((part, index) => `${index === 0 ? lead : ' '.repeat(lead.length)}${part}`),
    ...shown.map((line) => `${indent}${line}`),
  ]
}

function nodeLines(node: DecodedNode, offsetWidth: number, options: RenderOptions, style: Style): readonly string[] {
  const notes = [...node.roles]
  if (node.status !== 'enabled') notes.push(node.status === 'disabled' ? 'disabled' : 'status not known')
  if (node.incomplete !== 'none') notes.push(`incomplete: ${node.incomplete}`)
  const offset = node.offset === undefined ? '' : `${node.offset.padEnd(offsetWidth)}  `
  const indent = ' '.repeat(offset.length)
  const width = options.columns - offset.length
  const text = `${escaped(node.path)}${notes.length > 0 ? `  (${notes.join(', ')})` : ''}`
  const [head = '', ...rest] = broken(text, width)
  return [
    '',
    `${offset}${style.heading(head)}`,
    ...rest.map((line) => `${indent}${style.heading(line)}`),
    ...node.properties.flatMap((property) => propertyLines(property, offsetWidth, options)),
    ...(node.propertiesLeftOut === undefined ? [] : [`  ${leftOutText(node.propertiesLeftOut, 'properties')}`]),
  ]
}

function headLines(tree: DecodedDeviceTree): readonly string[] {
  const { header, reservations, reservationsLeftOut } = tree
  const lines: string[] = []
  if (tree.form === 'directory') lines.push(`${escaped(tree.name)}: device tree of a running kernel`)
  else if (!header) lines.push(`${escaped(tree.name)}: no device tree blob that could be read`)
  else {
    const version = `version ${header.version}, compatible with ${header.lastCompatibleVersion}`
    const rest = `${header.totalSize} bytes, boot processor ${header.bootProcessor}`
    lines.push(`${escaped(tree.name)}: device tree blob`, `${version}, ${rest}`)
  }
  for (const { offset, address, size } of reservations)
    lines.push(`${offset}  memory reservation ${rangeText(address, size)}`)
  if (reservationsLeftOut !== undefined) lines.push(leftOutText(reservationsLeftOut, 'memory reservations'))
  return lines
}

function widthOfOffsets({ nodes }: DecodedDeviceTree): number {
  let width = 0
  for (const { offset, properties } of nodes) {
    width = Math.max(width, offset?.length ?? 0)
    for (const property of properties) width = Math.max(width, property.offset?.length ?? 0)
  }
  return width
}

/**
 * A decoded tree as text, node by node: with their path, properties with their offset in the blob, references by path. No
 * line is wider than `columns`, and nothing of the tree reaches the terminal unescaped.
 */
export function* renderDecodedDeviceTree(tree: DecodedDeviceTree, options: RenderOptions): Generator<string> {
  const style = styleOf(options.colorLevel)
  const offsetWidth = widthOfOffsets(tree)
  const faults = tree.diagnostics.map(({ offset, message }) =>
    tree.form === 'blob' ? `${offset}: ${escaped(message)}` : escaped(message),
  )
  const damage = tree.damaged ? ['The blob is damaged; what is missing below may exist.'] : []
  const incomplete = !tree.damaged && !tree.complete ? ['Not all of the tree could be read.'] : []
  for (const line of [...headLines(tree), ...damage, ...incomplete, ...faults])
    yield `${broken(line, options.columns).join('\n')}\n`
  for (const node of tree.nodes) yield `${nodeLines(node, offsetWidth, options, style).join('\n')}\n`
  if (tree.nodesLeftOut !== undefined) yield `\n${leftOutText(tree.nodesLeftOut, 'nodes')}\n`
}
