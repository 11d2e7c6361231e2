import type { MsiWindow } from '../../kernel/iommu/group-regions.js'
import { onceEach } from '../../kernel/once.js'
import type { Fact } from '../../machine/fact.js'
import { hex } from '../../machine/identifiers.js'
import type { DeviceReport, IdList } from '../types.js'

type WindowReport = DeviceReport['chain']['msiWindow']

/** Parts of a report that many functions have alike, each made once: of ten thousand functions they are half of what is told. */
export class SharedParts {
  /** `0x` and lower-case digits. */
  readonly hex = onceEach<number | bigint, string>(hex)
  readonly window = onceEach(windowReport)
  /** Numbers of 16 and of 24 bits with all of their digits. */
  readonly wordText = textsOf(4)
  readonly classText = textsOf(6)
  /** The list that was asked for last: StreamIDs and DeviceIDs often are the RequesterIDs. */
  private lastIds: { readonly ids: readonly number[]; readonly texts: readonly string[] } = { ids: [], texts: [] }

  ids(list: readonly number[] | 'unknown'): IdList {
    if (list === 'unknown') return list
    const { ids, texts } = this.lastIds
    if (ids.length === list.length && ids.every((id, index) => id === list[index])) return texts
    this.lastIds = { ids: list, texts: list.map((id) => hex(id)) }
    return this.lastIds.texts
  }
}

function textsOf(width: number): (fact: Fact<number>) => string {
  const text = onceEach((value: number) => `0x${value.toString(16).padStart(width, '0')}`)
  return (fact) => (fact.state === 'known' ? text(fact.value) : 'unknown')
}

function windowReport({ kind, start, end }: MsiWindow): WindowReport {
  const bound = (value: bigint | undefined) =>
    value === undefined ? (kind === 'unknown' ? 'unknown' : 'none') : hex(value)
  return { kind, start: bound(start), end: bound(end) }
}
