import type { LogLines } from '../../kernel/log-lines.js'
import type { MsiController } from '../../kernel/msi/msi-controller.js'
import { cellsOf, property } from '../../machine/devicetree.js'
import { hex } from '../../machine/identifiers.js'
import { DeviceItems } from '../device-items.js'
import { evidenceFrom } from '../evidence.js'
import { describedIts, itsUsers } from './its-users.js'
import { linuxIts } from '../firmware-references.js'
import { NOT_APPLICABLE, type Evidence, type Outcome, type Rule, type Subject } from '../rule.js'

/** DeviceIDs below `end` have a place in the device table of an ITS. */
interface Capacity {
  readonly end: number
  readonly evidence: readonly Evidence[]
}

const LOG = { path: 'var/log/dmesg' }
const TABLE = /^ITS@0x([0-9a-f]+): allocated (\d+) Devices @[0-9a-f]+ \((flat|indirect), esz (\d+), psz (\d+)K/
const GICV5 = /^GICv5 ITS: ITS \S*@(?:0x)?([0-9a-f]+) enabled using .* device_id_bits (\d+)/
const CAVIUM = /enabling workaround for ITS: Cavium errata 22375/

/** Capacities that the log states, by register base. */
function statedByLog(log: LogLines): ReadonlyMap<bigint, Capacity> {
  const stated = new Map<bigint, Capacity>()
  for (const line of log.of(/^ITS@|^GICv5 ITS/)) {
    const table = TABLE.exec(line)
    if (table) {
      const [, base = '', count = '', layout, entry = '', page = ''] = table
      const each = layout === 'flat' ? 1 : Math.floor((Number(page) * 1024) / Math.max(1, Number(entry)))
      stated.set(BigInt(`0x${base}`), { end: Number(count) * each, evidence: evidenceFrom([LOG], line) })
    }
    const [, base, bits] = GICV5.exec(line) ?? []
    if (base !== undefined && bits !== undefined)
      stated.set(BigInt(`0x${base}`), { end: 2 ** Number(bits), evidence: evidenceFrom([LOG], line) })
  }
  return stated
}

/** A pre-ITS window has a word for every DeviceID (K: its_enable_quirk_socionext_synquacer). */
function windowOf({ node, preIts }: MsiController): Capacity | undefined {
  if (!node || preIts !== 'yes') return undefined
  const window = cellsOf(property(node, 'socionext,synquacer-pre-its'))
  const size = window.state === 'known' ? window.value[1] : undefined
  return size === undefined
    ? undefined
    : { end: Math.floor(size / 4), evidence: evidenceFrom(window.from, `window of ${hex(size)} bytes`) }
}

function check({ machine, routes }: Subject): Outcome {
  const users = itsUsers(routes)
  if (users.length === 0) return NOT_APPLICABLE
  const stated = statedByLog(routes.context.log)
  const [cavium] = routes.context.log.of(CAVIUM)
  const erratum: Capacity | undefined =
    cavium === undefined ? undefined : { end: 2 ** 20, evidence: evidenceFrom([LOG], cavium) }
  const failed = new DeviceItems()
  const unknown = new DeviceItems()
  const { log } = machine.kernel
  for (const route of users) {
    const its = describedIts(route)
    if (log.state === 'unreadable') unknown.add(route.fn.name, { message: 'log-unreadable' }, log.from)
    if (!its || route.msi.deviceIds === 'unknown') continue
    const [deviceId = 0] = route.msi.deviceIds
    const limits = [its.address === undefined ? undefined : stated.get(its.address), erratum, windowOf(its)]
    const tight = limits.find((limit) => limit && deviceId >= limit.end)
    if (!tight) continue
    const details = { deviceId: hex(deviceId), limit: hex(tight.end), controller: its.id }
    failed.add(route.fn.name, { message: 'too-large', details }, tight.evidence)
  }
  return { failed: failed.list(), unknown: unknown.list(), applicable: true }
}

export const deviceIdTooLarge: Rule = {
  id: 'IR115',
  slug: 'device-id-too-large',
  title: 'The DeviceID has no place in the device table of the ITS',
  scope: 'device',
  severity: 'low',
  effect: 'caveat',
  checks:
    'The DeviceID against the size of the device table that the kernel log states, the limit of Cavium erratum 22375, and the window of a pre-ITS.',
  why: 'Linux cannot give such a device any MSI: its driver fails or uses wired interrupts. What the ITS does with its writes is up to the hardware.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Describe smaller DeviceIDs, if the hardware has them, or move the device to another root complex.',
    },
  ],
  limits:
    'Without the log the size of the table is not known; then only errata and windows that other files show are looked at.',
  references: [linuxIts('its_alloc_device_table')],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    'too-large': 'DeviceID {deviceId} of {devices} is beyond what ITS {controller} has room for ({limit}).',
    'log-unreadable': 'The kernel log that states the size of the device table cannot be read.',
  },
  check,
}
