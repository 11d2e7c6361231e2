import type { Change } from '../../src/sysroot/changed-sysroot.js'
import type { RecordedRead } from '../../src/sysroot/record.js'

/** One way in which a read may go wrong. */
export interface Mutation {
  readonly name: 'unreadable' | 'emptied' | 'cut by one' | 'cut at half' | 'random' | 'removed'
  readonly change: Change
  /** Names that are gone by it: the path itself, or entries of a listing. */
  readonly removes: readonly string[]
}

/** 61 bytes of xorshift32 from a fixed seed. */
function randomBytes(): Uint8Array {
  let state = 0x9e3779b9
  return Uint8Array.from({ length: 61 }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state & 0xff
  })
}
const RANDOM = randomBytes()
const RANDOM_TEXT = String.fromCharCode(...RANDOM.map((byte) => 0x61 + (byte % 26)))

/** Half, made odd. */
const oddHalf = (length: number) => Math.floor(length / 2) | 1

function ofFile(path: string, bytes: Uint8Array): Mutation[] {
  const cut = (name: Mutation['name'], to: number): Mutation => ({
    name,
    change: { kind: 'bytes', bytes: bytes.slice(0, to) },
    removes: [],
  })
  return [
    { name: 'unreadable', change: { kind: 'unreadable', reason: 'permission' }, removes: [] },
    { name: 'emptied', change: { kind: 'bytes', bytes: new Uint8Array() }, removes: [] },
    cut('cut by one', Math.max(0, bytes.length - 1)),
    ...(oddHalf(bytes.length) < bytes.length ? [cut('cut at half', oddHalf(bytes.length))] : []),
    { name: 'random', change: { kind: 'bytes', bytes: RANDOM }, removes: [] },
    { name: 'removed', change: { kind: 'removed' }, removes: [path] },
  ]
}

function ofLink(path: string, target: string): Mutation[] {
  const to = (name: Mutation['name'], changed: string): Mutation => ({
    name,
    change: { kind: 'link', target: changed },
    removes: [],
  })
  return [
    { name: 'unreadable', change: { kind: 'unreadable', reason: 'io' }, removes: [] },
    to('emptied', ''),
    to('cut by one', target.slice(0, -1)),
    to('cut at half', target.slice(0, oddHalf(target.length))),
    to('random', RANDOM_TEXT),
    { name: 'removed', change: { kind: 'removed' }, removes: [path] },
  ]
}

function ofListing(path: string, names: readonly string[]): Mutation[] {
  const to = (name: Mutation['name'], kept: readonly string[]): Mutation => ({
    name,
    change: { kind: 'listing', names: kept },
    removes: names.filter((at) => !kept.includes(at)).map((at) => `${path}/${at}`),
  })
  return [
    { name: 'unreadable', change: { kind: 'listing', names: 'permission' }, removes: [] },
    to('emptied', []),
    to('cut by one', names.slice(0, -1)),
    to('cut at half', names.slice(0, oddHalf(names.length))),
    to('random', [RANDOM_TEXT]),
    { name: 'removed', change: { kind: 'removed' }, removes: [path, ...names.map((at) => `${path}/${at}`)] },
  ]
}

/** Every mutation of one recorded read; a read that found nothing has only the failed read to become. */
export function mutationsOf(read: RecordedRead): Mutation[] {
  if (read.result.state !== 'known')
    return [{ name: 'unreadable', change: { kind: 'unreadable', reason: 'io' }, removes: [] }]
  switch (read.kind) {
    case 'text':
    case 'bytes':
      return ofFile(read.path, read.result.value)
    case 'link':
      return ofLink(read.path, read.result.value)
    case 'list':
      return ofListing(read.path, read.result.value)
  }
}
