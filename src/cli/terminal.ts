import { fstatSync } from 'node:fs'
import { isatty } from 'node:tty'
import type { ColorLevel, RenderOptions } from '../render/types.js'

const STDOUT = 1
/** Device number of `/dev/null`, 1:3 (K: drivers/char/mem.c). */
const NULL_DEVICE = 0x103
const DEFAULT_COLUMNS = 80
const LEAST_COLUMNS = 60

export type ColorMode = 'auto' | 'always' | 'never'

type Environment = Readonly<Record<string, string | undefined>>

/** The flag wins, then FORCE_COLOR, then NO_COLOR, as in Node; otherwise colour is for terminals that can. */
export function colorLevelFor(mode: ColorMode, environment: Environment, terminal: boolean): ColorLevel {
  if (mode !== 'auto') return mode === 'always' ? 1 : 0
  const force = environment['FORCE_COLOR']
  if (force !== undefined) return force === '0' || force === 'false' ? 0 : 1
  if ((environment['NO_COLOR'] ?? '') !== '') return 0
  return terminal && environment['TERM'] !== 'dumb' ? 1 : 0
}

/** COLUMNS, else the terminal's width, else 80; never less than 60. */
export function columnsFor(environment: Environment, terminalColumns: number | undefined): number {
  const asked = /^\d{1,4}$/.test(environment['COLUMNS'] ?? '') ? Number(environment['COLUMNS']) : 0
  const columns = [asked, terminalColumns ?? 0].find((width) => width > 0)
  return Math.max(LEAST_COLUMNS, columns ?? DEFAULT_COLUMNS)
}

export interface OutputFlags {
  readonly color: string
  readonly all?: boolean
  readonly assignable?: boolean
}

const isColorMode = (text: string): text is ColorMode => text === 'auto' || text === 'always' || text === 'never'

/** Whether standard output is a terminal. Pipes, files and `/dev/null` are none: asking further loads a module. */
function isTerminal(): boolean {
  try {
    const status = fstatSync(STDOUT)
    return status.isCharacterDevice() && status.rdev !== NULL_DEVICE && isatty(STDOUT)
  } catch {
    return false
  }
}

/** How to print on this standard output. */
export function renderOptions(flags: OutputFlags): RenderOptions {
  const terminal = isTerminal()
  return {
    columns: columnsFor(process.env, terminal ? process.stdout.columns : undefined),
    ...(terminal ? { rows: process.stdout.rows } : {}),
    colorLevel: colorLevelFor(isColorMode(flags.color) ? flags.color : 'auto', process.env, terminal),
    all: flags.all ?? false,
    assignable: flags.assignable ?? false,
  }
}
