import { gzipSync } from 'node:zlib'
import type { MemoryEntry } from '../../sysroot/memory-entry.js'
import type { Place } from './told.js'
import type { ToldMachine } from './told-machine.js'

const RELEASE = 'proc/sys/kernel/osrelease'

/** The name of the option that a line of a configuration sets or leaves out. */
const optionOf = (line: string) => /CONFIG_\w{1,100}/.exec(line)?.[0] ?? ''

/** The lines of a configuration without the options that are said to be two things: of those nothing is known. */
function undisputed(lines: readonly string[]): readonly string[] {
  const said = new Map<string, string>()
  const disputed = new Set<string>()
  for (const line of lines) {
    const option = optionOf(line)
    const before = said.get(option)
    if (before === undefined) said.set(option, line)
    else if (before !== line) disputed.add(option)
  }
  return [...said].filter(([option]) => !disputed.has(option)).map(([, line]) => line)
}

const seriesOf = (release: string) => /^\d{1,3}\.\d{1,3}/.exec(release)?.[0]

/** The release that other texts tell, undefined where none does; null where two disagree. */
function runningRelease(machine: ToldMachine): string | null | undefined {
  const told = machine.files.get(RELEASE)
  if (told === undefined) return undefined
  return told === 'contradicted' || typeof told.content !== 'string' ? null : told.content.trim()
}

/**
 * The files that a told kernel configuration makes: the options under the name of the running release, or as the kernel's
 * own where no text tells the release. A title (`Linux/x86 6.1.55 Kernel Configuration`) lacks what distributions add to
 * a release, so it gives the release only where nothing else does; one of another series is of another kernel, and then
 * nothing is known of the running one's options.
 */
export function* configurationFiles(machine: ToldMachine): Generator<readonly [string, MemoryEntry, Place]> {
  const [first] = machine.options
  const titles = machine.configurationTitles
  const [title] = titles
  const running = runningRelease(machine)
  const titled = new Set(titles.map(({ release }) => seriesOf(release)))
  if (title && running === undefined) {
    const content = titled.size === 1 ? Buffer.from(`${title.release}\n`) : 'malformed'
    yield [RELEASE, { kind: 'file', content }, title.place]
  }
  if (!first) return
  if (title && typeof running === 'string') titled.add(seriesOf(running))
  const text = `${undisputed(machine.options.flatMap(({ options }) => options)).join('\n')}\n`
  const isOfOne = running !== null && titled.size <= 1
  const [path, bytes] =
    typeof running === 'string' ? [`boot/config-${running}`, Buffer.from(text)] : ['proc/config.gz', gzipSync(text)]
  yield [path, { kind: 'file', content: isOfOne ? new Uint8Array(bytes) : 'malformed' }, first.place]
}
