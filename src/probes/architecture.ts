import { known, unreadable, type Fact } from '../machine/fact.js'
import type { Architecture } from '../machine/kernel.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { damaged, parsed, readAttribute } from './attribute.js'

/** Words of `uname -m` and Debian's release suffixes. */
const MACHINES: ReadonlyMap<string, Architecture> = new Map([
  ['aarch64', 'arm64'],
  ['aarch64_be', 'arm64'],
  ['arm64', 'arm64'],
  ['armv7l', 'arm'],
  ['armv8l', 'arm'],
  ['armmp', 'arm'],
  ['x86_64', 'x86_64'],
  ['amd64', 'x86_64'],
  ['riscv64', 'riscv64'],
  ['s390x', 's390x'],
  ['ppc64', 'powerpc'],
  ['ppc64le', 'powerpc'],
  ['powerpc64le', 'powerpc'],
  ['ppc', 'powerpc'],
  ['loongarch64', 'loongarch64'],
  ['i386', 'other'],
  ['i486', 'other'],
  ['i586', 'other'],
  ['i686', 'other'],
  ['riscv32', 'other'],
])
const OPTIONS: readonly (readonly [string, Architecture])[] = [
  ['CONFIG_ARM64', 'arm64'],
  ['CONFIG_ARM', 'arm'],
  ['CONFIG_X86_64', 'x86_64'],
  ['CONFIG_X86_32', 'other'],
  ['CONFIG_RISCV', 'riscv64'],
  ['CONFIG_S390', 's390x'],
  ['CONFIG_PPC', 'powerpc'],
  ['CONFIG_LOONGARCH', 'loongarch64'],
]

/** The architecture that the shape of `/proc/cpuinfo` shows: each writes keys of its own. */
export function architectureOfCpuinfo(lines: readonly string[]): Architecture | undefined {
  const values = new Map<string, string>()
  for (const line of lines.slice(0, 64)) {
    const colon = line.indexOf(':')
    const key = line.slice(0, Math.max(colon, 0)).trim()
    if (key !== '' && !values.has(key)) values.set(key, line.slice(colon + 1).trim())
  }
  const has = (key: string) => values.has(key)
  if (has('CPU implementer')) return / ?\bthumb\b/.test(values.get('Features') ?? '') ? 'arm' : 'arm64'
  if (values.get('vendor_id') === 'IBM/S390') return 's390x'
  if (has('vendor_id') && has('flags')) return 'x86_64'
  if (has('isa') && has('hart')) return values.get('isa')?.startsWith('rv64') ? 'riscv64' : 'other'
  if (values.get('CPU Family')?.startsWith('Loongson') || values.get('system type')?.includes('loongson')) {
    return 'loongarch64'
  }
  return has('cpu') && has('revision') ? 'powerpc' : undefined
}

/**
 * The architecture, from up to four witnesses: `/proc/cpuinfo`, `/proc/sys/kernel/arch` (6.1 and later), the kernel's
 * configuration, and the release's suffix where none of them speaks. Those that speak must agree.
 */
export function probeArchitecture(
  sysroot: Sysroot,
  cpuinfo: Fact<readonly string[]>,
  configuration: Fact<ReadonlyMap<string, string>>,
  release: Fact<string>,
): Fact<Architecture> {
  const option = (options: ReadonlyMap<string, string>) => OPTIONS.find(([name]) => options.get(name) === 'y')?.[1]
  const witnesses: readonly Fact<Architecture>[] = [
    parsed(cpuinfo, architectureOfCpuinfo),
    parsed(readAttribute(sysroot, 'proc/sys/kernel', 'arch'), (word) => MACHINES.get(word) ?? 'other'),
    parsed(configuration, option),
  ]
  const spoken = witnesses.flatMap((fact) => (fact.state === 'known' ? [fact] : []))
  const [first] = spoken
  if (first) {
    const from = spoken.flatMap((fact) => fact.from)
    return spoken.every((fact) => fact.value === first.value) ? known(first.value, ...from) : damaged(...spoken)
  }
  const suffix = parsed(release, (text) => MACHINES.get(text.split('-').at(-1) ?? ''))
  if (suffix.state === 'known') return suffix
  // A configuration that was searched for other options says nothing of it.
  const unread = [cpuinfo, readAttribute(sysroot, 'proc/sys/kernel', 'arch'), configuration].flatMap((fact) =>
    fact.state === 'unreadable' ? [fact] : [],
  )
  const isUntold = unread.length > 0 && unread.every(({ reason }) => reason === 'not-collected')
  return unreadable(isUntold ? 'not-collected' : 'io', ...witnesses.flatMap((fact) => fact.from))
}
