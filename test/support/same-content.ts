const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const isView = (value: unknown): value is ArrayBufferView => ArrayBuffer.isView(value)

/**
 * Whether two values have the same content, as `isDeepStrictEqual` has it and with maps in the same order, but each pair of
 * objects is compared once: in a tree whose nodes know their parents that one follows every way to each of them.
 */
export function sameContent(one: unknown, other: unknown, compared = new Map<object, object>()): boolean {
  if (Object.is(one, other)) return true
  if (!isObject(one) || !isObject(other)) return false
  if (compared.get(one) === other) return true
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false
  compared.set(one, other)
  if (isView(one) || isView(other)) return isView(one) && isView(other) && sameBytes(one, other)
  if (one instanceof Map && other instanceof Map) return sameList([...one].flat(), [...other].flat(), compared)
  if (one instanceof Set && other instanceof Set) return sameList([...one], [...other], compared)
  if (Array.isArray(one) && Array.isArray(other)) return sameList(one, other, compared)
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every(
      (name) => Object.hasOwn(other, name) && sameContent(Reflect.get(one, name), Reflect.get(other, name), compared),
    )
  )
}

function sameList(one: readonly unknown[], other: readonly unknown[], compared: Map<object, object>): boolean {
  return one.length === other.length && one.every((member, at) => sameContent(member, other[at], compared))
}

function sameBytes(one: ArrayBufferView, other: ArrayBufferView): boolean {
  return Buffer.from(one.buffer, one.byteOffset, one.byteLength).equals(
    Buffer.from(other.buffer, other.byteOffset, other.byteLength),
  )
}
