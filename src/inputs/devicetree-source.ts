import { existsSync } from 'node:fs'
import { decodedText, evidenceLines } from '../text/evidence-lines.js'
import { InputError } from './errors.js'

/** Where distributions put it: one of that name that `PATH` leads to may be somebody else's. */
const DTC: readonly string[] = ['/usr/bin/dtc', '/bin/dtc', '/usr/local/bin/dtc', '/run/current-system/sw/bin/dtc']
const LARGEST_BLOB = 16 * 1024 * 1024
const TIMEOUT_MILLISECONDS = 10_000

const FIRST_LINE = '/dts-v1/;'
/** The end of a node: the last of a source ends its root, or a node that it adds to. */
const END = '};'

/**
 * The device-tree source that a text holds, without what posts, mails and terminals put around it; undefined where there
 * is none. It goes from `/dts-v1/;` to the end of the last node, or to the end of the text where it was cut before.
 */
export function sourceIn(text: string): string | undefined {
  const lines: string[] = []
  let end = 0
  for (const line of evidenceLines(text)) {
    if (lines.length === 0 && !line.text.startsWith(FIRST_LINE)) continue
    lines.push(line.text)
    if (line.text.endsWith(END)) end = lines.length
  }
  return lines.length === 0 ? undefined : `${lines.slice(0, end === 0 ? lines.length : end).join('\n')}\n`
}

/** Where the compiler of device-tree sources is; undefined where there is none. */
export const treeCompiler = (programs: readonly string[] = DTC): string | undefined =>
  programs.find((path) => existsSync(path))

/**
 * The blob of a device-tree source, compiled with the first of `programs` that is there, by its absolute path and in an
 * environment that has nothing of the caller's. Throws InputError where there is none, or it refuses.
 */
export async function compiledTree(name: string, bytes: Uint8Array, programs?: readonly string[]): Promise<Uint8Array> {
  const text = sourceIn(decodedText(bytes)) ?? ''
  if (text.includes('/incbin/') || text.includes('/include/')) {
    // Files that a stranger's source names are not for it to read.
    throw new InputError(`${name}: a device-tree source that includes other files`, {
      path: name,
      hint: 'Compile it where they are, and give the blob: dtc -I dts -O dtb.',
    })
  }
  const program = treeCompiler(programs)
  if (program === undefined) {
    throw new InputError(`${name}: a device-tree source, and there is no dtc to compile it`, {
      path: name,
      hint: 'Install device-tree-compiler, or give the blob (dtc -I dts -O dtb).',
    })
  }
  // Only sources need the program, and only they load what runs it.
  const { execa } = await import('execa')
  const result = await execa(program, ['-q', '-I', 'dts', '-O', 'dtb', '-o', '-', '-'], {
    cwd: '/',
    encoding: 'buffer',
    env: { LC_ALL: 'C' },
    extendEnv: false,
    input: text,
    maxBuffer: LARGEST_BLOB,
    reject: false,
    timeout: TIMEOUT_MILLISECONDS,
  })
  if (!result.failed) return result.stdout
  const [said = ''] = new TextDecoder().decode(result.stderr).split('\n', 1)
  throw new InputError(`${name}: dtc does not compile it: ${said}`, {
    path: name,
    hint: 'Sources with #include have to pass the preprocessor before: give the blob, or cpp -nostdinc FILE.',
  })
}
