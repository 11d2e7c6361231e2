import type { IdRange } from '../../kernel/ids/id-ranges.js'
import { deviceTableOf } from '../../kernel/msi/msi-controller.js'
import type { Route } from '../../routes/route.js'
import { describedIts, groupKey } from '../devices/its-users.js'

interface Entry {
  readonly its: string
  readonly deviceId: number
  readonly route: Route
}

/** Functions with one DeviceID of one ITS that do not all share a group. */
export interface Sharers {
  readonly its: string
  readonly deviceId: number
  readonly routes: readonly Route[]
}

/** Present functions by the DeviceID under which their ITS knows them. */
export class DeviceIdHolders {
  private readonly entries: readonly Entry[]
  /** Index of the next entry that was not taken yet, from each entry on; shortened as it is followed. */
  private readonly next: number[]
  private readonly byKey = new Map<string, Entry[]>()

  constructor(users: readonly Route[]) {
    const entries: Entry[] = []
    for (const route of users) {
      const controller = describedIts(route)
      const its = controller && deviceTableOf(controller)
      if (its === undefined || route.msi.deviceIds === 'unknown') continue
      for (const deviceId of new Set(route.msi.deviceIds)) {
        const entry = { its, deviceId, route }
        entries.push(entry)
        const key = `${its} ${deviceId}`
        const same = this.byKey.get(key)
        if (same) same.push(entry)
        else this.byKey.set(key, [entry])
      }
    }
    this.entries = entries.sort((left, right) =>
      left.its < right.its ? -1 : left.its > right.its ? 1 : left.deviceId - right.deviceId,
    )
    this.next = Array.from({ length: entries.length + 1 }, (_, index) => index)
  }

  /** Who has which of these DeviceIDs. */
  *within(its: string, { first, last }: IdRange): Generator<{ readonly deviceId: number; readonly name: string }> {
    for (let at = this.lowerBound(its, first); at < this.entries.length; at++) {
      const entry = this.entries[at]
      if (!entry || entry.its !== its || entry.deviceId > last) return
      yield { deviceId: entry.deviceId, name: entry.route.fn.name }
    }
  }

  /** Those that share a DeviceID without sharing a group. */
  shared(): readonly Sharers[] {
    return [...this.byKey.values()].flatMap((entries): Sharers[] => {
      const [first] = entries
      const routes = entries.map(({ route }) => route)
      if (!first || new Set(routes.map(groupKey)).size < 2) return []
      return [{ its: first.its, deviceId: first.deviceId, routes }]
    })
  }

  /** Functions with one of these DeviceIDs that no earlier call has returned: one word on each is enough. */
  take(its: string, { first, last }: IdRange): string[] {
    const names: string[] = []
    for (let at = this.free(this.lowerBound(its, first)); at < this.entries.length; at = this.free(at)) {
      const entry = this.entries[at]
      if (!entry || entry.its !== its || entry.deviceId > last) break
      names.push(entry.route.fn.name)
      this.next[at] = at + 1
    }
    return names
  }

  private free(from: number): number {
    let at = from
    while ((this.next[at] ?? at) !== at) at = this.next[at] ?? at
    for (let index = from; index < at;) {
      const following = this.next[index] ?? at
      this.next[index] = at
      index = following
    }
    return at
  }

  private lowerBound(its: string, deviceId: number): number {
    let low = 0
    let high = this.entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      const entry = this.entries[middle]
      if (entry && (entry.its < its || (entry.its === its && entry.deviceId < deviceId))) low = middle + 1
      else high = middle
    }
    return low
  }
}
