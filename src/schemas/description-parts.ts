import { z } from 'zod'

// What descriptions of machines are made of. A pattern's description is what an error says was expected.

type Offered<Shape extends z.ZodRawShape> = { -readonly [Name in keyof Shape]: z.ZodOptional<Shape[Name]> }

/** Properties that may be left out. */
export const offered = <Shape extends z.ZodRawShape>(shape: Shape): Offered<Shape> => z.object(shape).partial().shape

const text = (pattern: RegExp, meaning: string): z.ZodString => z.string().regex(pattern).describe(meaning)
const integer = (least: number, most: number): z.ZodInt => z.int().min(least).max(most)

export const TEXT = z.string()
export const TEXTS = z.array(TEXT)
export const FLAG = z.boolean()
export const BYTE = integer(0, 0xff)
export const WORD = integer(0, 0xffff)
export const COUNT = integer(0, 0xffffffff)

/** A number, or hexadecimal text for what JSON has no number for. */
export const INTEGER = z.union([
  integer(0, Number.MAX_SAFE_INTEGER),
  text(/^0x[0-9a-fA-F]{1,16}$/, 'hexadecimal text such as 0x9050000'),
])
/** At most a MiB: what is longer is no table of a machine. */
export const HEX_BYTES = text(/^(?:[ \n]*[0-9a-fA-F]{2})*[ \n]*$/, 'bytes of two hexadecimal digits each').max(
  2 * 1024 * 1024,
)

export const NAME = text(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a name of letters, digits, ., _ and -')
export const ADDRESS = text(/^(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/, 'a PCI address such as 00:02.0')
export const IDS = text(/^[0-9a-f]{4}:[0-9a-f]{4}$/, 'two ids such as 8086:10d3')
export const CLASS = text(/^[0-9a-f]{6}$/, 'six hexadecimal digits')
export const DEVICE_ID = text(/^[0-9a-f]{1,4}$/, 'up to four hexadecimal digits')
export const REGISTER = text(/^[0-9a-f]{1,16}$/, 'hexadecimal digits without 0x')
/** Becomes part of a path of the emulated tree, so that it must stay a single name. */
export const FILE_NAME = text(/^(?!\.{1,2}$)[^/\u0000-\u001f\u007f]{1,200}$/, 'a file name')
/** No longer than Linux takes one (K: PATH_MAX). */
export const PATH = text(
  /^(?!\.{1,2}(?:\/|$))[^/\u0000-\u001f\u007f]+(?:\/(?!\.{1,2}(?:\/|$))[^/\u0000-\u001f\u007f]+)*$/,
  'a path without leading slash and without ..',
).max(4096)
export const OPTION = text(/^CONFIG_[A-Z0-9_]+$/, 'an option such as CONFIG_IOMMUFD')
export const OPTION_VALUE = text(/^[^\r\n]*$/, 'one line')
export const PARAMETER = text(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/, 'module.parameter')
export const TABLE_NAME = text(/^[A-Z0-9_]{4}[0-9]*$/, 'a table name such as SSDT1')
