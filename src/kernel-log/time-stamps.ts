import type { LineCursor } from './line-cursor.js'

/** Longest text in brackets that is looked at for a time of day. */
const LONGEST_DATE = 64

/** `HH:MM:SS`, with `seconds` also without them and with a fraction after a point or comma. */
function clock(cursor: LineCursor, seconds: 'needed' | 'optional' = 'needed'): boolean {
  return (
    cursor.attempt(() => {
      const hours = cursor.digits(2, 2)
      if (hours === undefined || Number(hours) > 23 || !cursor.literal(':')) return false
      const minutes = cursor.digits(2, 2)
      if (minutes === undefined || Number(minutes) > 59) return false
      if (!cursor.literal(':')) return seconds === 'optional'
      if (cursor.digits(2, 2) === undefined) return false
      cursor.attempt(() => cursor.oneOf('.,') && cursor.digits(1, 9))
      return true
    }) === true
  )
}

/** `Z`, `+02:00` or `+0200`. */
function zone(cursor: LineCursor): void {
  if (cursor.literal('Z')) return
  cursor.attempt(() => {
    if (!cursor.oneOf('+-') || cursor.digits(2, 4) === undefined) return false
    cursor.attempt(() => cursor.literal(':') && cursor.digits(2, 2))
    return true
  })
}

/**
 * `2024-09-22T12:45:27+02:00`, with a blank for the T, with fractions. `comma` where the fraction follows a comma, as
 * `dmesg --time-format iso` writes it and no journal does.
 */
export function isoDate(cursor: LineCursor): 'comma' | 'point' | undefined {
  return cursor.attempt(() => {
    const start = cursor.at
    const date =
      cursor.digits(4, 4) !== undefined &&
      cursor.literal('-') &&
      cursor.digits(2, 2) !== undefined &&
      cursor.literal('-') &&
      cursor.digits(2, 2) !== undefined &&
      cursor.oneOf('T ')
    if (!date || !clock(cursor)) return undefined
    zone(cursor)
    return cursor.line.slice(start, cursor.at).includes(',') ? 'comma' : 'point'
  })
}

/** `Sep 22 12:45:27`, the month in any language. */
export function syslogDate(cursor: LineCursor): boolean {
  return (
    cursor.attempt(() => {
      const month = cursor.word()
      const isDate = cursor.blanks() && cursor.digits(1, 2) !== undefined && cursor.blanks() && clock(cursor)
      return isDate && month.length <= 12 && /^(?:\p{L}{2,10}\.?|\d{1,2}月)$/u.test(month)
    }) === true
  )
}

/** `Sun 2024-09-22 12:45:27 CEST`, as `journalctl -o short-full` and `with-unit` write it. */
export function fullDate(cursor: LineCursor): boolean {
  return (
    cursor.attempt(() => {
      const day = cursor.word()
      const isDate = cursor.literal(' ') && isoDate(cursor) !== undefined && cursor.blanks()
      return isDate && /^[A-Z+\-\d:]{1,6}$/.test(cursor.word()) && /^\p{L}{1,10}\.?$/u.test(day)
    }) === true
  )
}

/** `1727001927.123456`: seconds since 1970. */
export function unixTime(cursor: LineCursor): boolean {
  return (
    cursor.attempt(() => cursor.digits(9, 11) !== undefined && cursor.literal('.') && cursor.digits(1, 9)) !== undefined
  )
}

/** `[    0.000000]`, and `[    0.000000 <    0.000000>]` with the time since the message before. */
export function secondsSinceBoot(cursor: LineCursor): boolean {
  return (
    cursor.attempt(() => {
      if (!cursor.literal('[')) return false
      cursor.blanks()
      if (cursor.digits(1, 10) === undefined || !cursor.oneOf('.,') || cursor.digits(1, 9) === undefined) return false
      cursor.blanks()
      cursor.attempt(() => {
        if (!cursor.literal('<')) return false
        cursor.blanks()
        cursor.oneOf('+-')
        if (cursor.digits(1, 10) === undefined || !cursor.oneOf('.,') || cursor.digits(1, 9) === undefined) return false
        cursor.blanks()
        return cursor.literal('>')
      })
      cursor.blanks()
      return cursor.literal(']')
    }) === true
  )
}

/** `[  +0.000004]`, the time since the message before. */
function sinceMessageBefore(cursor: LineCursor): boolean {
  cursor.blanks()
  return (
    cursor.literal('+') &&
    cursor.digits(1, 10) !== undefined &&
    cursor.oneOf('.,') &&
    cursor.digits(1, 9) !== undefined &&
    cursor.literal(']')
  )
}

/** Something in brackets with a time of day in it: `[Sun Sep 22 12:45:27 2024]`, in any language, or `[Sep22 12:45]`. */
export function bracketedDate(cursor: LineCursor): boolean {
  return (
    cursor.attempt(() => {
      if (!cursor.literal('[')) return false
      if (cursor.attempt(() => sinceMessageBefore(cursor)) === true) return true
      const end = cursor.line.indexOf(']', cursor.at)
      if (end < 0 || end - cursor.at > LONGEST_DATE) return false
      for (; cursor.at < end; cursor.at++) {
        const before = cursor.line.charAt(cursor.at - 1)
        if (!' [T'.includes(before)) continue
        if (!clock(cursor, 'optional')) continue
        if (!' ]+-Z'.includes(cursor.line.charAt(cursor.at))) return false
        cursor.at = end + 1
        return true
      }
      return false
    }) === true
  )
}

/** A time of day near the start of a line: something dated it in a way that is not known here. */
export function looksDated(line: string): boolean {
  return /^.{0,40}?\b\d\d:\d\d:\d\d(?:[ .,\]Z+-]|$)/.test(line)
}
