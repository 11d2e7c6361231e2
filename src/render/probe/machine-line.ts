import type { Report } from '../../report/types.js'

const FIRMWARE_WORDS: Record<Report['platform']['firmware'], string> = {
  acpi: 'ACPI',
  devicetree: 'device tree',
  'acpi+devicetree': 'ACPI and device tree',
  none: 'no firmware description',
  unknown: 'firmware description unknown',
}
const SOURCE_WORDS: Record<Report['source']['kind'], string> = {
  live: 'this host',
  sysroot: 'directory',
  bundle: 'bundle',
  emulated: 'bundled machine',
}

/** What the firmware calls the machine, where that is known and nobody's secret. */
function modelWords({ machine }: Report['platform']): string {
  const words = [...new Set([machine.vendor, machine.product])].filter(
    (word) => !['none', 'unknown', 'redacted'].includes(word),
  )
  return words.length > 0 ? `${words.join(' ')}, ` : ''
}

/** More files of one machine than this are counted, not named. */
const FILES_NAMED = 2

function sourceWords({ source: { kind, name }, inputs = [] }: Report): string {
  if (kind === 'live') return SOURCE_WORDS.live
  return inputs.length > FILES_NAMED && kind === 'bundle'
    ? `${inputs.length} pieces of evidence`
    : `${SOURCE_WORDS[kind]} ${name}`
}

/** Which machine this is about. */
export function machineLine(report: Report): string {
  const { platform } = report
  const name = sourceWords(report)
  const { kernelRelease, kernelReleaseObserved } = platform
  const asked = kernelRelease === kernelReleaseObserved ? '' : ` (judged as if ${kernelRelease} ran)`
  const architecture = platform.architecture === 'unknown' ? 'architecture unknown' : platform.architecture
  const release = kernelReleaseObserved === 'unknown' ? 'release unknown' : kernelReleaseObserved
  const guest = platform.virtualized === 'yes' ? ', a virtual machine' : ''
  return `${name}: ${modelWords(platform)}${architecture}, ${FIRMWARE_WORDS[platform.firmware]}, Linux ${release}${asked}${guest}`
}
