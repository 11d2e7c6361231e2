import { gunzipSync } from 'node:zlib'
import { SINGLE } from '../budget/limits.js'
import { takesText } from '../budget/text.js'
import { absent, known, unreadable, type Fact } from '../machine/fact.js'
import { CONFIGURATION_OPTIONS } from '../machine/kernel-configuration.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { intactText } from './attribute.js'

const OPTION = new RegExp(
  String.raw`^(?:CONFIG_(${CONFIGURATION_OPTIONS.join('|')})=(.+)|# CONFIG_(${CONFIGURATION_OPTIONS.join('|')}) is not set)$`,
  'gm',
)

/** The kept options with their values; `# CONFIG_X is not set` is `n`. Undefined when the text is no configuration. */
export function parseConfiguration(text: string): ReadonlyMap<string, string> | undefined {
  const body = intactText(text)
  if (body === undefined || !/^(?:CONFIG_\w+=|# CONFIG_\w+ is not set$)/m.test(body)) return undefined
  const options = new Map<string, string>()
  for (const [, set, value, unset] of body.matchAll(OPTION)) {
    if (set !== undefined && value !== undefined) options.set(`CONFIG_${set}`, value)
    else if (unset !== undefined) options.set(`CONFIG_${unset}`, 'n')
  }
  return options
}

function factFrom(text: string, path: string): Fact<ReadonlyMap<string, string>> {
  const options = parseConfiguration(text)
  return options ? known(options, { path }) : unreadable('malformed', { path })
}

function readCompressed(sysroot: Sysroot): Fact<ReadonlyMap<string, string>> {
  const path = 'proc/config.gz'
  const read = sysroot.bytes(path)
  if (read.state === 'absent') return absent({ path })
  if (read.state === 'unreadable') return unreadable(read.reason, { path })
  try {
    const text = gunzipSync(read.value, { maxOutputLength: SINGLE.configurationBytes })
    if (!takesText(text, sysroot.budget)) return unreadable('too-large', { path })
    return factFrom(new TextDecoder().decode(text), path)
  } catch {
    return unreadable('malformed', { path })
  }
}

/** The running kernel's configuration: its own `config.gz`, else the file that was installed with the release. */
export function probeConfiguration(sysroot: Sysroot, release: Fact<string>): Fact<ReadonlyMap<string, string>> {
  let failure: Fact<ReadonlyMap<string, string>> | undefined
  const own = readCompressed(sysroot)
  if (own.state === 'known') return own
  if (own.state === 'unreadable') failure = own
  const files = release.state === 'known' ? [`boot/config-${release.value}`, `lib/modules/${release.value}/config`] : []
  for (const path of files) {
    const read = sysroot.text(path)
    if (read.state === 'absent') continue
    const fact = read.state === 'known' ? factFrom(read.value, path) : unreadable(read.reason, { path })
    if (fact.state === 'known') return fact
    failure ??= fact
  }
  if (failure) return failure
  return release.state === 'unreadable'
    ? unreadable(release.reason, ...release.from)
    : absent(...own.from, ...files.map((path) => ({ path })))
}
