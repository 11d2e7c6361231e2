import { InputError } from './errors.js'

const LARGEST_BLOB = 16 * 1024 * 1024
const TIMEOUT_MILLISECONDS = 10_000

/** The blob of a device-tree source, compiled with `dtc`. Throws InputError where there is no `dtc`, or it refuses. */
export async function compiledTree(name: string, source: Uint8Array): Promise<Uint8Array> {
  const text = Buffer.from(source.buffer, source.byteOffset, source.byteLength)
  if (text.includes('/incbin/') || text.includes('/include/')) {
    // Files that a stranger's source names are not for it to read.
    throw new InputError(`${name}: a device-tree source that includes other files`, {
      path: name,
      hint: 'Compile it where they are, and give the blob: dtc -I dts -O dtb.',
    })
  }
  // Only sources need the program, and only they load what runs it.
  const { execa } = await import('execa')
  const result = await execa('dtc', ['-q', '-I', 'dts', '-O', 'dtb', '-o', '-', '-'], {
    encoding: 'buffer',
    env: { LC_ALL: 'C' },
    input: source,
    maxBuffer: LARGEST_BLOB,
    reject: false,
    timeout: TIMEOUT_MILLISECONDS,
  })
  if (!result.failed) return result.stdout
  if (result.code === 'ENOENT') {
    throw new InputError(`${name}: a device-tree source, and there is no dtc to compile it`, {
      path: name,
      hint: 'Install device-tree-compiler, or give the blob (dtc -I dts -O dtb).',
    })
  }
  const [said = ''] = new TextDecoder().decode(result.stderr).split('\n', 1)
  throw new InputError(`${name}: dtc does not compile it: ${said}`, {
    path: name,
    hint: 'Sources with #include have to pass the preprocessor before: give the blob, or cpp -nostdinc FILE.',
  })
}
