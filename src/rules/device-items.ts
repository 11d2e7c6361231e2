import type { Provenance } from '../machine/fact.js'
import { evidenceFrom } from './evidence.js'
import type { Actor, Effect, Evidence, OutcomeItem, Severity } from './rule.js'

export const NAMES_SHOWN = 8
const EVIDENCE_SHOWN = 8

/**
 * Names in a sentence, `a, b and c` or `a, b, c and 9 more`.
 *
 * @param count of all of them, where only the first are given
 */
export function listOf(names: readonly string[], count = names.length): string {
  if (count <= NAMES_SHOWN) return names.join(', ').replace(/, ([^,]*)$/, ' and $1')
  return `${names.slice(0, NAMES_SHOWN).join(', ')} and ${count - NAMES_SHOWN} more`
}

/** What is said of one function; functions of which the same is said become one item. */
export interface DeviceRemark {
  readonly message: string
  /** `devices` is filled in. */
  readonly details?: Readonly<Record<string, string>>
  readonly severity?: Severity
  readonly effect?: Effect
  readonly actor?: Actor
}

interface Collected {
  readonly remark: DeviceRemark
  readonly devices: string[]
  readonly evidence: Map<string, Evidence>
  /** The places that were added last: many functions have the same. */
  from?: readonly (Provenance | Evidence)[]
}

/** Joins what is the same of many functions, so that a machine with ten thousand of them gets a readable report. */
export class DeviceItems {
  private readonly collected = new Map<string, Collected>()

  /** `from` is where it was seen; a few places of the first functions are kept. */
  add(device: string, remark: DeviceRemark, from: readonly (Provenance | Evidence)[] = []): void {
    const { message, details = {}, severity = '', effect = '', actor = '' } = remark
    const key = JSON.stringify([message, details, severity, effect, actor])
    let item = this.collected.get(key)
    if (!item) this.collected.set(key, (item = { remark, devices: [], evidence: new Map() }))
    // Two doubts of one function may be told in the same words.
    if (item.devices.at(-1) !== device) item.devices.push(device)
    if (item.from === from) return
    item.from = from
    for (const place of from) {
      if (item.evidence.size >= EVIDENCE_SHOWN) break
      const [evidence] = 'value' in place ? [place] : evidenceFrom([place])
      if (evidence)
        item.evidence.set(`${evidence.from.path} ${evidence.from.at?.offset ?? ''} ${evidence.value}`, evidence)
    }
  }

  list(): OutcomeItem[] {
    return [...this.collected.values()].map(({ remark, devices, evidence }) => ({
      ...remark,
      subject: devices[0] ?? '',
      devices,
      details: { ...remark.details, devices: listOf(devices) },
      evidence: [...evidence.values()],
    }))
  }
}
