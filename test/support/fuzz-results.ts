/** Where results hold each other in circles: a node of the device tree knows its parent. */
const CIRCULAR = new Set(['parent'])

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false
  return true
}

function pairsOf(left: Record<string, unknown>, right: Record<string, unknown>): [string, unknown, unknown][] | string {
  if (left instanceof Map || right instanceof Map) {
    if (!(left instanceof Map) || !(right instanceof Map) || left.size !== right.size) return 'size'
    const others: unknown[] = [...right.values()]
    const keys: unknown[] = [...right.keys()]
    return [...left].map(([key, value]: [unknown, unknown], index) =>
      Object.is(key, keys[index]) ? [String(key), value, others[index]] : [String(key), value, undefined],
    )
  }
  if (left instanceof Set && right instanceof Set) {
    const others: unknown[] = [...right]
    return left.size === right.size
      ? [...left].map((value: unknown, index) => [String(index), value, others[index]])
      : 'size'
  }
  const keys = Object.keys(left)
  if (keys.length !== Object.keys(right).length) return 'keys'
  return keys.filter((key) => !CIRCULAR.has(key)).map((key) => [key, left[key], right[key]])
}

/** Path to the first place where two results differ; undefined where they say the same. Bounded by their size. */
export function firstDifference(left: unknown, right: unknown): string | undefined {
  const waiting: [string, unknown, unknown][] = [['', left, right]]
  const seen = new Set<object>()
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [path, one, other] = next
    if (Object.is(one, other)) continue
    if (!isObject(one) || !isObject(other)) return path || 'the result'
    if (one instanceof Uint8Array && other instanceof Uint8Array) {
      if (!sameBytes(one, other)) return path || 'the bytes'
      continue
    }
    if (seen.has(one)) continue
    seen.add(one)
    const pairs = pairsOf(one, other)
    if (typeof pairs === 'string') return `${path}.${pairs}`
    for (const [key, value, counterpart] of pairs) waiting.push([`${path}.${key}`, value, counterpart])
  }
  return undefined
}

/** Number of values in a result; bytes count by the block of 16, text by the block of 16 letters. */
export function sizeOf(result: unknown): number {
  const waiting: unknown[] = [result]
  const seen = new Set<object>()
  let size = 0
  for (; waiting.length > 0;) {
    const value = waiting.pop()
    size += 1
    if (typeof value === 'string') size += value.length / 16
    if (!isObject(value) || seen.has(value)) continue
    seen.add(value)
    if (value instanceof Uint8Array) size += value.length / 16
    else if (value instanceof Map || value instanceof Set) {
      for (const entry of value.values()) waiting.push(entry)
    } else {
      for (const key of Object.keys(value)) if (!CIRCULAR.has(key)) waiting.push(value[key])
    }
  }
  return size
}
