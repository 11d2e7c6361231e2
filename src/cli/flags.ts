import { canonicalDeviceAddress } from '../report/device-address.js'
import type { ReportOptions } from '../report/probe/build.js'
import { DEFAULT_FAIL_ON, type FailOn } from '../report/exit-code.js'
import type { ArgumentSpec, FlagTable } from './command-spec.js'
import { UsageError } from './errors.js'

/** Which machine to look at; without any of them, this host. */
export const INPUT_FLAGS = {
  sysroot: {
    kind: 'string',
    summary: 'A directory that holds the tree of a machine.',
    value: 'DIR',
    group: 'INPUT',
  },
  bundle: {
    kind: 'string',
    summary: 'A captured machine as .tar.gz; - reads it from standard input.',
    value: 'FILE',
    group: 'INPUT',
  },
  emulated: { kind: 'string', summary: 'A machine that comes with intremap.', value: 'NAME', group: 'INPUT' },
} as const satisfies FlagTable

/** What is looked at, without a flag: any number, of one machine. */
export const EVIDENCE = {
  description:
    'What somebody has of the machine: directories, archives, tables, blobs, texts of lspci, dmesg and others; - is standard input.',
  multiple: true,
  offers: ['files'],
} as const satisfies ArgumentSpec

export const OUTPUT_FLAGS = {
  json: { kind: 'boolean', summary: 'Print one JSON document, errors included.', group: 'OUTPUT' },
  color: {
    kind: 'choice',
    summary: 'When to colour; NO_COLOR and FORCE_COLOR are honoured under auto.',
    options: ['auto', 'always', 'never'],
    default: 'auto',
    group: 'OUTPUT',
  },
} as const satisfies FlagTable

/** How to judge what is found. */
export const JUDGE_FLAGS = {
  'fail-on': {
    kind: 'choice',
    summary: 'Verdict that makes the exit code non-zero; may be repeated. Without it: not-isolated and unknown.',
    options: ['caveats', 'not-isolated', 'unknown', 'never'],
    multiple: true,
    group: 'JUDGEMENT',
  },
  'kernel-release': {
    kind: 'string',
    summary: "Release whose answers are predicted instead of the machine's own, as in 6.12.",
    value: 'R',
    group: 'JUDGEMENT',
  },
} as const satisfies FlagTable

/** Another question: not whether a device is isolated, but whether it may be handed out. */
export const ASSIGNABLE_FLAG = {
  assignable: {
    kind: 'boolean',
    summary:
      'Judge whether a device may be handed out now: isolated with its group, accepted by the kernel, held by no other driver, resettable.',
    group: 'JUDGEMENT',
  },
} as const satisfies FlagTable

export interface SelectionFlags {
  readonly assignable?: boolean
  readonly device?: readonly string[] | undefined
  readonly group?: readonly string[] | undefined
  readonly 'fail-on'?: readonly FailOn[] | undefined
  readonly 'kernel-release'?: string | undefined
}

/** The report's spelling of an address, or a usage error that shows how addresses look. */
/** A name as the platform, AMBA and fsl-mc buses give it: `ff170000.mmc`, `dpni.1`, `ARMH0011:00`. */
export const isPlatformDeviceName = (text: string): boolean =>
  (/^[\w,@+-]+\.[\w,.-]+$/.test(text) && /[a-z]/i.test(text)) || /^[A-Z]{3,4}[0-9A-F]{4}:[0-9a-f]{2}$/.test(text)

export function deviceAddress(text: string): string {
  const address = canonicalDeviceAddress(text)
  if (address !== undefined) return address
  if (isPlatformDeviceName(text)) return text
  throw new UsageError(`"${text}" is no PCI address`, {
    path: text,
    hint: 'Write addresses as lspci does: 01:00.0, or with a segment 0001:01:00.0.',
  })
}

function groupNumber(text: string): string {
  if (/^\d+$/.test(text)) return String(Number(text))
  throw new UsageError(`"${text}" is no IOMMU group`, {
    path: text,
    hint: 'Groups are numbers: ls /sys/kernel/iommu_groups',
  })
}

function failLevels(asked: readonly FailOn[] | undefined): ReadonlySet<FailOn> {
  const levels = asked && asked.length > 0 ? new Set(asked) : DEFAULT_FAIL_ON
  if (!levels.has('never') || levels.size === 1) return levels
  throw new UsageError('--fail-on never contradicts the other levels', { path: '--fail-on', hint: 'Give never alone.' })
}

/** The release that brought VFIO (drivers/vfio). */
const OLDEST = [3, 6] as const

/** A release as `uname -r` writes it, or a usage error. */
export function kernelRelease(release: string | undefined): string | undefined {
  if (release === undefined) return release
  const [, major = '', minor = ''] = /^(\d{1,3})\.(\d{1,5})/.exec(release) ?? []
  const isOlder =
    major !== '' && (Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1]))
  if (major !== '' && !isOlder) return release
  if (isOlder) {
    throw new UsageError(`Linux ${release} has no VFIO`, {
      path: '--kernel-release',
      hint: `VFIO came with ${OLDEST.join('.')}: there is nothing to predict before it.`,
    })
  }
  throw new UsageError(`"${release}" is no kernel release`, {
    path: '--kernel-release',
    hint: 'Write it as uname -r does: 6.12, or 6.12.95+deb12-arm64.',
  })
}

/** What the report is asked for, checked. */
export function reportOptions(flags: SelectionFlags): ReportOptions {
  const release = kernelRelease(flags['kernel-release'])
  return {
    failOn: failLevels(flags['fail-on']),
    criterion: flags.assignable === true ? 'assignable' : 'isolated',
    ...(release === undefined ? {} : { kernelRelease: release }),
    ...(flags.device ? { devices: flags.device.map(deviceAddress) } : {}),
    ...(flags.group ? { groups: flags.group.map(groupNumber) } : {}),
  }
}
