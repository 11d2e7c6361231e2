import { listSchema, TEXT, type Schema } from './schema.js'

/** Kinds of text in descriptions. Each pattern's description is what an error says was expected. */

export const TEXTS = listSchema(TEXT)
export const NAME: Schema = {
  type: 'string',
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
  description: 'a name of letters, digits, ., _ and -',
}
export const ADDRESS: Schema = {
  type: 'string',
  pattern: '^(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\\.[0-7]$',
  description: 'a PCI address such as 00:02.0',
}
export const IDS: Schema = {
  type: 'string',
  pattern: '^[0-9a-f]{4}:[0-9a-f]{4}$',
  description: 'two ids such as 8086:10d3',
}
export const CLASS: Schema = { type: 'string', pattern: '^[0-9a-f]{6}$', description: 'six hexadecimal digits' }
export const DEVICE_ID: Schema = {
  type: 'string',
  pattern: '^[0-9a-f]{1,4}$',
  description: 'up to four hexadecimal digits',
}
export const REGISTER: Schema = {
  type: 'string',
  pattern: '^[0-9a-f]{1,16}$',
  description: 'hexadecimal digits without 0x',
}
/** Becomes part of a path of the emulated tree, so that it must stay a single name. */
export const FILE_NAME: Schema = {
  type: 'string',
  pattern: '^(?!\\.{1,2}$)[^/\\u0000-\\u001f\\u007f]{1,200}$',
  description: 'a file name',
}
export const PATH: Schema = {
  type: 'string',
  pattern: '^(?!(?:.*/)?\\.{1,2}(?:/|$))[^/\\u0000-\\u001f\\u007f]+(?:/[^/\\u0000-\\u001f\\u007f]+)*$',
  description: 'a path without leading slash and without ..',
}
export const OPTION: Schema = {
  type: 'string',
  pattern: '^CONFIG_[A-Z0-9_]+$',
  description: 'an option such as CONFIG_IOMMUFD',
}
export const OPTION_VALUE: Schema = { type: 'string', pattern: '^[^\\r\\n]*$', description: 'one line' }
export const PARAMETER: Schema = {
  type: 'string',
  pattern: '^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$',
  description: 'module.parameter',
}
export const TABLE_NAME: Schema = {
  type: 'string',
  pattern: '^[A-Z0-9_]{4}[0-9]*$',
  description: 'a table name such as SSDT1',
}
