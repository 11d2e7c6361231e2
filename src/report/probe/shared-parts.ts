import type { MsiWindow } from '../../kernel/iommu/group-regions.js'
import type { Fact } from '../../machine/fact.js'
import { hex } from '../../machine/identifiers.js'
import type { DeviceReport, IdList } from '../types.js'

type WindowReport = DeviceReport['chain']['msiWindow']

/** Parts of a report that many functions have alike, each made once: of ten thousand functions they are half of what is told. */
export class SharedParts {
  private readonly windows = new Map<MsiWindow, WindowReport>()
  private readonly digits = new Map<number | bigint, string>()
  /** Texts of numbers of so many digits. */
  private readonly padded = new Map<number, Map<number, string>>()
  /** The list that was asked for last: StreamIDs and DeviceIDs often are the RequesterIDs. */
  private lastIds: { readonly ids: readonly number[]; readonly texts: readonly string[] } = { ids: [], texts: [] }

  /** `0x` and lower-case digits. */
  hex(value: number | bigint): string {
    const text = this.digits.get(value) ?? hex(value)
    this.digits.set(value, text)
    return text
  }

  ids(list: readonly number[] | 'unknown'): IdList {
    if (list === 'unknown') return list
    const { ids, texts } = this.lastIds
    if (ids.length === list.length && ids.every((id, index) => id === list[index])) return texts
    this.lastIds = { ids: list, texts: list.map((id) => hex(id)) }
    return this.lastIds.texts
  }

  /** A number of `width` digits. */
  numberText(fact: Fact<number>, width: number): string {
    if (fact.state !== 'known') return 'unknown'
    const texts = this.padded.get(width) ?? new Map<number, string>()
    this.padded.set(width, texts)
    const text = texts.get(fact.value) ?? `0x${fact.value.toString(16).padStart(width, '0')}`
    texts.set(fact.value, text)
    return text
  }

  window(window: MsiWindow): WindowReport {
    const report = this.windows.get(window) ?? windowReport(window)
    this.windows.set(window, report)
    return report
  }
}

function windowReport({ kind, start, end }: MsiWindow): WindowReport {
  const bound = (value: bigint | undefined) =>
    value === undefined ? (kind === 'unknown' ? 'unknown' : 'none') : hex(value)
  return { kind, start: bound(start), end: bound(end) }
}
