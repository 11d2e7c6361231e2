import type { Read } from './sysroot.js'

/** UTF-8 text of a file; a byte order mark stays, invalid bytes become U+FFFD. */
export function decoded(read: Read<Uint8Array>): Read<string> {
  if (read.state !== 'known') return read
  const { buffer, byteOffset, byteLength } = read.value
  return { state: 'known', value: Buffer.from(buffer, byteOffset, byteLength).toString('utf8') }
}
