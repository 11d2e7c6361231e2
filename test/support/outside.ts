import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

/** Captures of whole machines, which are no part of the repository. */
export const CAPTURES = process.env['INTREMAP_CAPTURES'] ?? resolve(import.meta.dirname, '../../../shared/captures')
/** Tables and trees of real boards, likewise. */
export const CORPUS = process.env['INTREMAP_CORPUS'] ?? resolve(import.meta.dirname, '../../../shared/corpus')

export const hasCaptures = existsSync(CAPTURES)
export const hasCorpus = existsSync(CORPUS)

const starts = (name: string, flag: string) => spawnSync(name, [flag], { stdio: 'ignore' }).error === undefined

/** Whether a program is here and ends well with these words. */
export const startsHere = (name: string, words: readonly string[]): boolean =>
  spawnSync(name, words, { stdio: 'ignore' }).status === 0

export const hasIasl = starts('iasl', '-v')
export const hasDtc = starts('dtc', '--version')
export const hasLspci = starts('lspci', '--version')
export const hasGraphviz = starts('dot', '-V')
export const hasChromium = starts('chromium', '--version')
/** Prometheus' own checker of metrics. */
export const hasPromtool = starts('promtool', '--version')

/** What is not here, in words. */
export function missingOutside(): readonly string[] {
  const wanted: readonly (readonly [boolean, string])[] = [
    [hasIasl, 'iasl'],
    [hasDtc, 'dtc'],
    [hasLspci, 'lspci'],
    [hasPromtool, 'promtool'],
    [hasGraphviz, 'dot of Graphviz'],
    [hasChromium, 'chromium'],
    [hasCaptures, `captures of machines in ${CAPTURES}`],
    [hasCorpus, `tables and trees of boards in ${CORPUS}`],
  ]
  return wanted.filter(([here]) => !here).map(([, what]) => what)
}
