import { SINGLE } from '../budget/limits.js'
import { absent, known, unreadable, type Fact, type Provenance } from '../machine/fact.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { readNames } from './attribute.js'

/** By priority: a file hides those of the same name in the directories after it (modprobe.d(5)). */
const DIRECTORIES = ['etc/modprobe.d', 'run/modprobe.d', 'usr/lib/modprobe.d', 'lib/modprobe.d'] as const

/** `module.parameter` and value of every `options` line; `-` in module names is `_`, as the kernel has it. */
export function parseModprobeOptions(text: string): readonly (readonly [string, string])[] {
  const options: (readonly [string, string])[] = []
  for (const line of text.replaceAll('\\\n', ' ').split('\n')) {
    const [command, module, ...words] = line.trim().split(/\s+/)
    if (command !== 'options' || module === undefined) continue
    for (const word of words) {
      const match = /^([\w-]+)(?:=(.*))?$/.exec(word)
      const [, name = ''] = match ?? []
      if (match) options.push([`${module}.${name}`.replaceAll('-', '_'), match[2] ?? ''])
    }
  }
  return options
}

/** Options of modprobe.d, in the order in which modprobe reads the files; a later value wins. */
export function probeModprobeOptions(sysroot: Sysroot): Fact<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  const from: Provenance[] = []
  let found = false
  for (const directory of DIRECTORIES) {
    const names = readNames(sysroot, directory)
    if (names.state === 'unreadable') return unreadable(names.reason, ...names.from)
    for (const one of names.from) from.push(one)
    if (names.state === 'absent') continue
    found = true
    for (const name of names.value) if (name.endsWith('.conf') && !files.has(name)) files.set(name, directory)
  }
  if (!found) return absent(...from)
  const options = new Map<string, string>()
  for (const name of [...files.keys()].sort().slice(0, SINGLE.modprobeFiles)) {
    const path = `${files.get(name) ?? ''}/${name}`
    const read = sysroot.text(path)
    if (read.state === 'unreadable') return unreadable(read.reason, { path })
    if (read.state === 'absent') continue
    for (const [parameter, value] of parseModprobeOptions(read.value)) options.set(parameter, value)
    from.push({ path })
  }
  return known(options, ...from)
}
