import { DraftNode } from '../../src/machine/devicetree-builder.js'
import { isFact } from './plain-fact.js'

const isView = (value: object): value is ArrayBufferView => ArrayBuffer.isView(value)

/**
 * Numbers for values, equal where two values have the same content, whatever objects it is made of. What was numbered
 * once is known by its identity: of a machine that differs from another in one fact only that fact is looked at again.
 *
 * Provenance (`from`) is no content: it says where a fact was read, and nothing is judged by it (soundness-law.ts holds
 * the judgement to that). A node's `parent` is told by its path.
 */
export class StructuralKeys {
  private readonly byContent = new Map<string, number>()
  private readonly byObject = new WeakMap<object, number>()

  /** @throws where a value holds something that is no plain data, which its members would not tell apart. */
  of(value: object): number {
    const known = this.byObject.get(value)
    if (known !== undefined) return known
    const content = this.contentOf(value)
    let key = this.byContent.get(content)
    if (key === undefined) this.byContent.set(content, (key = this.byContent.size))
    this.byObject.set(value, key)
    return key
  }

  private contentOf(value: object): string {
    if (isView(value)) {
      return `bytes ${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')}`
    }
    if (Array.isArray(value)) return `list ${value.map((member) => this.part(member)).join(' ')}`
    if (value instanceof Map) {
      const pairs = [...value].map(([key, member]) => `${this.part(key)} ${this.part(member)}`)
      return `map ${pairs.join(' ')}`
    }
    if (value instanceof Set) return `set ${[...value].map((member) => this.part(member)).join(' ')}`
    if (isFact(value)) {
      const { state } = value
      return `fact ${state} ${this.part(state === 'known' ? value.value : state === 'absent' ? null : value.reason)}`
    }
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null && !(value instanceof DraftNode))
      throw new TypeError(`no plain data: ${Object.prototype.toString.call(value)} ${Object.keys(value).join(' ')}`)
    let content = 'object'
    for (const [name, member] of Object.entries(value)) {
      if (name === 'from' && Array.isArray(member)) continue
      content += ` ${name}:${name === 'parent' ? this.parent(member) : this.part(member)}`
    }
    return content
  }

  private parent(value: unknown): string {
    if (typeof value !== 'object' || value === null) return this.part(value)
    return 'path' in value ? this.part(value.path) : this.part(value)
  }

  /** A value in words, a key where it is an object. */
  part(value: unknown): string {
    switch (typeof value) {
      case 'object':
        return value === null ? 'null' : `#${this.of(value)}`
      case 'string':
        return JSON.stringify(value)
      case 'bigint':
        return `${value}n`
      case 'number':
      case 'boolean':
      case 'undefined':
        return Object.is(value, -0) ? '-0' : String(value)
      case 'function':
      case 'symbol':
        throw new TypeError(`a ${typeof value} is no data`)
    }
  }
}
