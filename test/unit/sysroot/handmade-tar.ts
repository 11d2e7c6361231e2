/** Tar archives byte by byte, so that a test can say what no packer would write. POSIX.1-1988 ustar layout. */
export interface HandmadeEntry {
  readonly name: string | Uint8Array
  /** Type flag, `0` unless given. */
  readonly type?: string
  readonly content?: string | Uint8Array
  readonly linkName?: string | Uint8Array
  /** The size the header claims, where it is not that of the content. */
  readonly claimedSize?: number
  readonly prefix?: string
  readonly gnu?: boolean
  /** Further bytes of the header, by offset. */
  readonly patch?: Readonly<Record<number, Uint8Array>>
}

export function tar(...entries: HandmadeEntry[]): Buffer {
  return Buffer.concat([...entries.map(tarEntry), Buffer.alloc(1024)])
}

/** Header and padded content. */
export function tarEntry(entry: HandmadeEntry): Buffer {
  const content = Buffer.from(entry.content ?? '')
  const block = Buffer.alloc(512)
  Buffer.from(entry.name).copy(block, 0, 0, 100)
  block.write('0000644\0', 100, 'latin1')
  block.write('0000000\0', 108, 'latin1')
  block.write('0000000\0', 116, 'latin1')
  writeSize(block, entry.claimedSize ?? content.length)
  block.write('00000000000\0', 136, 'latin1')
  block.write(entry.type ?? '0', 156, 'latin1')
  Buffer.from(entry.linkName ?? '').copy(block, 157, 0, 100)
  block.write(entry.gnu === true ? 'ustar  \0' : 'ustar\u000000', 257, 'latin1')
  block.write(entry.prefix ?? '', 345, 'latin1')
  for (const [offset, bytes] of Object.entries(entry.patch ?? {})) block.set(bytes, Number(offset))
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return Buffer.concat([block, content, Buffer.alloc((512 - (content.length % 512)) % 512)])
}

/** A PAX extended header for the entry that follows it. */
export function paxHeader(records: Readonly<Record<string, string>>): HandmadeEntry {
  const content = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`)
    let length = rest + 1
    while (String(length).length + rest !== length) length += 1
    return `${length} ${key}=${value}\n`
  })
  return { name: 'PaxHeaders/x', type: 'x', content: content.join('') }
}

function writeSize(block: Buffer, size: number): void {
  if (size < 8 ** 11) {
    block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
    return
  }
  block.fill(0, 124, 136)
  block[124] = 0x80
  block.writeBigUInt64BE(BigInt(size), 128)
}
