import { atLeast, type KernelRelease } from '../release.js'

/** `ivrs_ioapic` or `ivrs_hpet` of the kernel command line: which device id an interrupt controller has. */
export interface IvrsWord {
  readonly word: string
  readonly id: number
  /** Segment in bits 16 to 31, bus 8 to 15, device and function below. */
  readonly deviceId: number
  /** `ivrs_ioapic[7]=00:14.0`, or `ivrs_ioapic=7@0000:00:14.0`. */
  readonly form: 'bracket' | 'at'
}

const VALUE =
  /^(?:\[(\d{1,9})\]=|=(\d{1,9})@)(?:((?:0x)?[0-9a-f]{1,8}):)?((?:0x)?[0-9a-f]{1,8}):((?:0x)?[0-9a-f]{1,8})\.((?:0x)?[0-9a-f]{1,8})/i
/** K: EARLY_MAP_SIZE; further words are ignored. */
const WORD_LIMIT = 4

/**
 * Words of one of the two names, in order; what does not read as one is left out, as the kernel leaves it out. It cuts
 * numbers that are too large to what it has bits for, and does not look at what follows the function.
 */
export function ivrsWords(words: readonly string[], name: 'ivrs_ioapic' | 'ivrs_hpet'): readonly IvrsWord[] {
  const found = words.flatMap((word): readonly IvrsWord[] => {
    // Dashes and underscores are one in the names of parameters.
    const isNamed = word.slice(0, name.length).replaceAll('-', '_') === name
    const match = isNamed ? VALUE.exec(word.slice(name.length)) : undefined
    if (!match) return []
    const [, inBrackets, beforeAt, segment = '', bus = '', device = '', fn = ''] = match
    const number = (text: string) => Number.parseInt(text, 16)
    return [
      {
        word,
        id: Number(inBrackets ?? beforeAt) & 0xff,
        deviceId:
          (number(segment) & 0xffff) * 0x10000 +
          ((number(bus) & 0xff) << 8) +
          ((number(device) & 0x1f) << 3) +
          (number(fn) & 7),
        form: inBrackets === undefined ? 'at' : 'bracket',
      },
    ]
  })
  return found.slice(0, WORD_LIMIT)
}

/**
 * Whether a kernel takes a word in that form. The form with `@` came with 6.2, and with updates of older long-term
 * series back to 4.14; the form with brackets is taken by every release, by newer ones with a warning.
 * Source: K: drivers/iommu/amd/init.c, parse_ivrs_ioapic; commit 1198d2316dc4.
 */
export function takesForm(release: KernelRelease | undefined, form: IvrsWord['form']): 'yes' | 'no' | 'unknown' {
  if (form === 'bracket') return 'yes'
  if (!release) return 'unknown'
  if (atLeast(release, 6, 2)) return 'yes'
  return atLeast(release, 4, 14) ? 'unknown' : 'no'
}

/** A word as this kernel spells it; where that is not sure, in the form that every release takes. */
export function ivrsWord(
  name: 'ivrs_ioapic' | 'ivrs_hpet',
  release: KernelRelease | undefined,
  id: number,
  deviceId: number,
): string {
  const two = (value: number) => value.toString(16).padStart(2, '0')
  const address = `${two((deviceId >> 8) & 0xff)}:${two((deviceId >> 3) & 0x1f)}.${deviceId & 7}`
  const segment = (deviceId >>> 16).toString(16).padStart(4, '0')
  if (takesForm(release, 'at') === 'yes') return `${name}=${id}@${segment}:${address}`
  return deviceId > 0xffff ? `${name}[${id}]=${segment}:${address}` : `${name}[${id}]=${address}`
}
