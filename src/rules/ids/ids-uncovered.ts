import { commonRanges, type IdRange } from '../../kernel/ids/id-ranges.js'
import { maskedRanges, type HostIds, type IdKind, type IdsTo, type StuckIds } from '../../kernel/ids/id-way.js'
import { hasGuessedDeviceId } from '../devices/its-users.js'
import { functionWords } from '../function-words.js'
import { requesterIdsBehind, requesterIdsOfFreeVfs } from './future-requester-ids.js'
import type { OutcomeItem, Severity } from '../rule.js'
import { idRangesWords } from './id-words.js'
import { functionsWhere, type IdCase, type PresentId } from '../present-ids.js'

/**
 * What firmware leaves out. Last ids that an old release leaves to nobody are told by rule IR212, maps that cannot be
 * used by IR301 and IR303, what a damaged node may hold by IR201.
 */
const LEFT_OUT = new Set<StuckIds['why']>(['no-match', 'no-mappings', 'null-reference', 'dangling-reference', 'loop'])

/** One host towards one kind of controller: what is to be said where it leaves ids out. */
export interface Gap {
  readonly host: HostIds
  readonly kind: IdKind
  readonly to: IdsTo
  readonly item: Pick<OutcomeItem, 'subject' | 'details' | 'linux' | 'evidence'>
  readonly severities: { readonly present: Severity; readonly later: Severity }
  /** Whether Linux finds nothing for a function that is there. */
  readonly isWithout: (answer: PresentId['stream']) => boolean
  /** RequesterIDs that may come where no function is to be seen; undefined where functions are listed. */
  readonly buses: readonly IdRange[] | undefined
}

/** Of functions still to come: nobody is without anything until they do. */
function ofLater(at: IdCase, { host, to, item, severities, buses }: Gap): readonly OutcomeItem[] {
  const lost = to.stuck.filter(({ why }) => LEFT_OUT.has(why))
  const of = (message: string, ranges: readonly IdRange[], more = {}): readonly OutcomeItem[] => {
    const uncovered = commonRanges(lost, ranges)
    if (uncovered.length === 0) return []
    const details = { ...item.details, ranges: idRangesWords(uncovered), ...more }
    return [{ ...item, devices: [], message, details, severity: severities.later }]
  }
  const masked = (ids: IdRange) => maskedRanges(ids, to.mask)
  if (buses) return of('buses', buses.flatMap(masked))
  const functions = [
    ...new Set(
      at
        .present()
        .below(host)
        .map(({ route }) => route.fn),
    ),
  ]
  const behind = functions.flatMap((fn) => requesterIdsBehind(fn) ?? [])
  const isLost = new Uint8Array(0x10000)
  for (const { first, last } of lost) isLost.fill(1, first, last + 1)
  const vfs = functions.flatMap((fn) => {
    const ids = requesterIdsOfFreeVfs(fn).map((id) => id & to.mask)
    const without = ids.filter((id) => isLost[id] === 1).map((id) => ({ first: id, last: id }))
    return of('free-vfs', without, { count: String(without.length), device: fn.name })
  })
  // A bus below a bridge is also behind the bridges above that one.
  return [...of('hot-plug', commonRanges(behind, behind).flatMap(masked)), ...vfs]
}

/** What is to be said of a gap: of functions that are there, and of those still to come. */
export function ofGap(at: IdCase, gap: Gap): readonly OutcomeItem[] {
  const isWithout = ({ stream, device }: PresentId) => gap.isWithout(gap.kind === 'StreamID' ? stream : device)
  const names = functionsWhere(at, isWithout, gap.host)
  const isGuessed = (name: string) => gap.kind === 'DeviceID' && hasGuessedDeviceId(at.routes.byName.get(name))
  const of = (message: string, devices: readonly string[]): readonly OutcomeItem[] => {
    if (devices.length === 0) return []
    const details = { ...gap.item.details, devices: functionWords(devices) }
    return [{ ...gap.item, devices, message, details, severity: gap.severities.present }]
  }
  const guessed = of('device-id-guessed', names.filter(isGuessed))
  return [
    ...of(
      'present',
      names.filter((name) => !isGuessed(name)),
    ),
    ...guessed.map((one): OutcomeItem => ({ ...one, effect: 'caveat' })),
    ...ofLater(at, gap),
  ]
}

/** What the rules of both families have in common. */
export const SHARED = {
  severity: 'high',
  effect: 'none',
} as const
