import type { ByteReader } from '../../binary/byte-reader.js'
import type { Budget } from '../../budget/budget.js'
import { DraftNode } from '../../machine/devicetree-builder.js'
import { known, unreadable } from '../../machine/fact.js'
import type { BlobDiagnostics } from './blob-diagnostics.js'
import { LONGEST_NAME, NODE_DEPTH } from './limits.js'
import { takesProperty } from './property-budget.js'

const BEGIN_NODE = 1
const END_NODE = 2
const PROPERTY = 3
const NOP = 4
const END = 9

const hex = (value: number): string => `0x${value.toString(16)}`
const aligned = (offset: number): number => Math.ceil(offset / 4) * 4
/** Letters that the specification allows in no name are kept in messages only as their number. */
const shown = (name: string): string =>
  name.slice(0, 60).replaceAll(/[^\x21-\x7e]/g, (letter) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`)

/** Where the two blocks lie; offsets count from the start of the blob. */
export interface StructureBlocks {
  readonly path: string
  /** The whole blob; the structure block is the part from `start` to `end`. */
  readonly blob: ByteReader
  readonly start: number
  readonly end: number
  /** False for a blob that does not say where the block ends, so that anything may follow the end token. */
  readonly sized: boolean
  readonly strings: ByteReader
}

/**
 * Reads the structure block (devicetree specification 0.4, section 5.4). Every step takes at least four bytes, so that
 * the number of steps is bounded by the size. What cannot be gone on from leaves all nodes that were open incomplete.
 */
export class StructureParser {
  private readonly blocks: StructureBlocks
  private readonly diagnostics: BlobDiagnostics
  private readonly propertyNames = new Map<number, string | undefined>()
  private readonly names: Set<string>[] = []
  private root: DraftNode | undefined
  private node: DraftNode | undefined
  private at: number
  private readonly budget: Budget

  constructor(blocks: StructureBlocks, diagnostics: BlobDiagnostics, budget: Budget) {
    this.blocks = blocks
    this.diagnostics = diagnostics
    this.budget = budget
    this.at = blocks.start
  }

  parse(): DraftNode | undefined {
    while (this.step()) {
      // Each step reads one token.
    }
    for (let open = this.node; open; open = open.parent) open.incomplete = 'malformed'
    return this.root
  }

  /** Reads one token; false when there is nothing more to read. */
  private step(): boolean {
    const offset = this.at
    const token = offset + 4 <= this.blocks.end ? this.blocks.blob.u32be(offset) : undefined
    this.at += 4
    switch (token) {
      case BEGIN_NODE:
        return this.beginNode(offset)
      case END_NODE:
        return this.endNode(offset)
      case PROPERTY:
        return this.property(offset)
      case NOP:
        return true
      case END:
        this.finish(offset)
        return false
      case undefined:
        return this.stop(offset, 'the structure block ends without its end token')
      default:
        return this.stop(offset, `the token ${hex(token)} is none of 1, 2, 3, 4 and 9`)
    }
  }

  private stop(offset: number, why: string): false {
    const where = this.node ? ` in ${shown(this.node.path)}` : ''
    this.diagnostics.damage(offset, `${why}${where}; the rest of the tree was ignored.`)
    return false
  }

  private finish(offset: number): void {
    if (this.node || !this.root) this.stop(offset, this.node ? 'the end token stands' : 'there is no node')
    else if (this.blocks.sized && this.at < this.blocks.end) {
      const rest = this.blocks.end - this.at
      this.diagnostics.damage(offset, `${rest} bytes of the structure block follow its end token; they were ignored.`)
    }
  }

  private beginNode(offset: number): boolean {
    const { blob, end, path } = this.blocks
    const stop = blob.indexOf(0, this.at, end)
    if (stop === undefined || stop >= end) return this.stop(offset, 'a node name without its final NUL begins')
    const length = stop - this.at
    const name = blob.ascii(this.at, Math.min(length, LONGEST_NAME)) ?? ''
    if (this.root && !this.node) return this.stop(offset, `a second root node (${shown(name)}) begins`)
    if (length > LONGEST_NAME) this.diagnostics.damage(offset, `a node name has ${length} characters; it was cut.`)
    this.checkNodeName(offset, name)
    if (this.names.length >= NODE_DEPTH) return this.stop(offset, `nodes are nested more than ${NODE_DEPTH} deep`)
    const pathCharacters = (this.node?.path.length ?? 0) + name.length + 1
    if (!this.budget.take('nodes') || !this.budget.take('pathCharacters', pathCharacters))
      return this.stop(offset, `there are more nodes than any machine has (${this.budget.spent('nodes')})`)
    this.node = new DraftNode(this.node, this.node ? name : '', path, offset)
    this.root ??= this.node
    this.names.push(new Set())
    this.at = aligned(stop + 1 - this.blocks.start) + this.blocks.start
    return true
  }

  private checkNodeName(offset: number, name: string): void {
    const siblings = this.names.at(-1)
    if (!siblings) {
      if (name !== '')
        this.diagnostics.damage(offset, `the root node is called ${shown(name)}; its name has to be empty.`)
    } else if (!/^[\x21-\x2e\x30-\x7e]+$/.test(name)) {
      this.diagnostics.damage(
        offset,
        `a child of ${shown(this.node?.path ?? '')} has the impossible name "${shown(name)}".`,
      )
    } else if (siblings.has(name)) {
      this.diagnostics.damage(offset, `${shown(this.node?.path ?? '')} has two children called ${shown(name)}.`)
    }
    siblings?.add(name)
  }

  private endNode(offset: number): boolean {
    if (!this.node) return this.stop(offset, 'a node ends that never began')
    this.node = this.node.parent
    this.names.pop()
    return true
  }

  private property(offset: number): boolean {
    const { blob, end, path } = this.blocks
    const { node } = this
    if (!node) return this.stop(offset, 'a property stands outside of any node')
    const length = blob.u32be(offset + 4)
    const nameOffset = blob.u32be(offset + 8)
    const start = offset + 12
    if (length === undefined || nameOffset === undefined || start > end || length > end - start) {
      const left = Math.max(0, end - start)
      return this.stop(offset, `a property claims ${length ?? 0} bytes, the structure block has ${left} left,`)
    }
    if (!this.budget.take('properties'))
      return this.stop(offset, `there are more properties than any machine has (${this.budget.spent('properties')})`)
    this.at = aligned(start + length - this.blocks.start) + this.blocks.start
    const name = this.propertyName(nameOffset)
    const from = { path, at: { offset: start, length }, node: node.path, property: name }
    if (name === undefined) {
      node.incomplete = 'malformed'
      const what = `a property of ${shown(node.path)} has no name at ${hex(nameOffset)} of the strings block`
      this.diagnostics.damage(offset, `${what}; it was left out.`)
    } else if (node.properties.has(name)) {
      node.properties.set(name, unreadable('malformed', from))
      this.diagnostics.damage(offset, `${shown(node.path)} has two properties ${shown(name)}; neither was taken.`)
    } else if (node.children.length > 0) {
      // Linux does not look for properties behind the first child, so that nobody can rely on this one.
      node.properties.set(name, unreadable('malformed', from))
      const what = `the property ${shown(name)} of ${shown(node.path)} stands behind a child node`
      this.diagnostics.damage(offset, `${what}; it was not taken.`)
    } else {
      const value = blob.slice(start, length)
      const fits = takesProperty(name, length, this.budget)
      if (!fits) {
        const what = `the property ${shown(name)} of ${shown(node.path)} has ${length} bytes`
        this.diagnostics.damage(offset, `${what}, more than trees of machines have; it was not taken.`)
      }
      node.properties.set(name, value && fits ? known(value, from) : unreadable(fits ? 'malformed' : 'too-large', from))
    }
    return true
  }

  /** A printable name that ends with NUL inside the strings block. */
  private propertyName(offset: number): string | undefined {
    if (this.propertyNames.has(offset)) return this.propertyNames.get(offset)
    const { strings } = this.blocks
    const stop = strings.indexOf(0, offset, Math.min(strings.length, offset + LONGEST_NAME + 1))
    const text = stop === undefined ? undefined : strings.ascii(offset, stop - offset)
    const name = text !== undefined && /^[\x21-\x2e\x30-\x7e]+$/.test(text) ? text : undefined
    this.propertyNames.set(offset, name)
    return name
  }
}
