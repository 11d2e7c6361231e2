import { gunzipSync, gzipSync } from 'node:zlib'
import { SINGLE } from '../budget/limits.js'
import { takesText } from '../budget/text.js'
import { CONFIGURATION_OPTIONS } from '../machine/kernel-configuration.js'
import { attribute, DAMAGED, isIntact, ofLines, textOf, type Redaction } from './redacted-text.js'

const RELEASE = String.raw`\d{1,9}\.\d{1,9}[\w.+~-]*`
const OPTION = new RegExp(
  `^(?:(CONFIG_(?:${CONFIGURATION_OPTIONS.join('|')})=)(.+)|# CONFIG_(?:${CONFIGURATION_OPTIONS.join('|')}) is not set)$`,
)
const ANY_OPTION = /^(?:CONFIG_\w+=|# CONFIG_\w+ is not set$)/
/** A configuration that has none of the options is one still. */
const NO_OPTION = '# CONFIG_REDACTED is not set'

/** `osrelease`. */
export const release: Redaction = attribute(new RegExp(`^${RELEASE}$`))

const VERSION = new RegExp(`^Linux version (${RELEASE}) `)

/** `/proc/version`: who built the kernel, where and when, goes. */
export const version: Redaction = ofLines((lines) => {
  const name = lines.length === 1 ? VERSION.exec(lines[0] ?? '')?.[1] : undefined
  return name === undefined ? undefined : [`Linux version ${name} redacted`]
})

/** The kernel's configuration: the options that the probes know. */
export const configuration: Redaction = ofLines((lines) => {
  if (!lines.some((line) => ANY_OPTION.test(line))) return undefined
  const kept = lines.flatMap((line) => {
    const match = OPTION.exec(line)
    if (!match) return []
    const [, name, value = ''] = match
    return [name === undefined || /^(?:[ymn]|\d{1,9}|0x[0-9a-f]{1,16})$/.test(value) ? line : `${name}"redacted"`]
  })
  return kept.length > 0 ? kept : [NO_OPTION]
})

/** `/proc/config.gz`. What is kept already stays as it was compressed. */
export const compressedConfiguration: Redaction = (content, budget) => {
  let text: Uint8Array
  try {
    text = gunzipSync(content, { maxOutputLength: SINGLE.configurationBytes })
  } catch {
    return DAMAGED
  }
  if (!isIntact(textOf(text))) return DAMAGED
  const kept = configuration(text, budget)
  if (kept === undefined) return undefined
  return Buffer.compare(kept, text) === 0 ? content : new Uint8Array(gzipSync(kept, { level: 9 }))
}

/** `MODULE PARAMETER` of modprobe.d that say what VFIO, iommufd and the SMMU's drivers allow. */
const KEPT_OPTIONS: ReadonlySet<string> = new Set([
  'arm_smmu disable_bypass',
  'arm_smmu_v3 disable_bypass',
  'iommufd allow_unsafe_interrupts',
  'vfio enable_unsafe_noiommu_mode',
  'vfio_iommu_type1 allow_unsafe_interrupts',
  'vfio_pci disable_denylist',
])

/** A switch is on when its value begins like a true one (K: kstrtobool). */
function keptSwitch(value: string): string {
  if (/^(?:[yn01]|yes|no|on|off|true|false)$/i.test(value)) return value
  return /^(?:y|1|on)/i.test(value) ? 'y' : 'redacted'
}

/** A file of modprobe.d: the `options` lines of those parameters, one parameter a line. */
export const modprobe: Redaction = (content, budget) => {
  if (!takesText(content, budget)) return undefined
  const kept: string[] = []
  for (const line of textOf(content).replaceAll('\\\n', ' ').split('\n')) {
    const [command, module, ...words] = line.trim().split(/\s+/)
    if (command !== 'options' || module === undefined) continue
    for (const word of words) {
      const [, name = '', value] = /^([\w-]+)(?:=(.*))?$/.exec(word) ?? []
      const option = `${module} ${name}`.replaceAll('-', '_')
      if (!KEPT_OPTIONS.has(option)) continue
      kept.push(`options ${option}${value === undefined ? '' : `=${keptSwitch(value)}`}\n`)
    }
  }
  return new TextEncoder().encode(kept.join(''))
}

const NODE_LINE = /^(?:chr|blk|dir|absent) (?:[0-7]{3,4}|-) (?:\d+:\d+|-) \/(dev\/[^\s]+)$/
const KEPT_NODE = /^dev\/(?:iommu|kvm|vfio(?:\/(?:vfio|devices(?:\/vfio\d+)?|(?:noiommu-)?\d+))?)$/

/** Whether the path of a device node tells something of VFIO, iommufd or KVM. */
export function isKeptNode(path: string): boolean {
  return KEPT_NODE.test(path)
}

/** `dev/nodes.txt` of a capture: the nodes of VFIO, iommufd and KVM. Without any it says that there is none. */
export const nodeList: Redaction = ofLines((lines) => {
  const kept: string[] = []
  for (const line of lines) {
    const path = NODE_LINE.exec(line)?.[1]
    if (path === undefined) return undefined
    if (isKeptNode(path)) kept.push(line)
  }
  return kept.length > 0 ? kept : ['absent - - /dev/iommu']
})
