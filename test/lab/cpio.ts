/** One file of an initramfs. */
export interface Entry {
  readonly path: string
  readonly content: Uint8Array | string
  readonly executable?: boolean
}

const FILE = 0o100_644
const EXECUTABLE = 0o100_755
const DIRECTORY = 0o040_755
const LINK = 0o120_777

/** Header, name and content of one member, each padded to four bytes: Documentation/driver-api/early-userspace/buffer-format.rst. */
function member(number: number, path: string, mode: number, content: Uint8Array): readonly Uint8Array[] {
  const name = Buffer.from(`${path}\0`)
  const fields = [number, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0]
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`)
  const padding = (length: number) => Buffer.alloc(-length & 3)
  return [header, name, padding(header.length + name.length), content, padding(content.length)]
}

/**
 * An initramfs segment, newc format, uncompressed, all of root. The kernel takes several behind each other, each at a multiple
 * of four bytes.
 * @param links symbolic links, from path to target
 */
export function cpio(entries: readonly Entry[], links: Readonly<Record<string, string>> = {}): Buffer {
  const directories = new Set<string>()
  for (const { path } of entries)
    for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) directories.add(path.slice(0, end))
  for (const { path, content } of entries) if (content === '' && path.endsWith('/')) directories.add(path.slice(0, -1))
  const files = entries.filter(({ path }) => !path.endsWith('/'))
  const members = [
    ...[...directories].map((path) => [path, DIRECTORY, ''] as const),
    ...files.map(({ path, content, executable }) => [path, executable === true ? EXECUTABLE : FILE, content] as const),
    ...Object.entries(links).map(([path, to]) => [path, LINK, to] as const),
    ['TRAILER!!!', 0, ''] as const,
  ]
  return Buffer.concat(
    members.flatMap(([path, mode, content], index) => member(index + 1, path, mode, Buffer.from(content))),
  )
}
