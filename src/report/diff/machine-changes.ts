import type { DiffSide, SingleChange } from './diff-types.js'
import { addLeaves, changedLeaves } from './leaves.js'

const TABLE_LEFT_OUT: ReadonlySet<string> = new Set([
  'length',
  'checksum',
  'damaged',
  'cell',
  'offset',
  'typeCode',
  'typedBy',
  'diagnostics',
])

/** Words of the command line and parameters that differ. */
export function* settingChanges(before: DiffSide, after: DiffSide): Generator<SingleChange> {
  for (const change of changedLeaves(before.settings, after.settings)) {
    yield { ...change, area: 'settings', subject: '', field: change.path }
  }
}

/** `nodes[0x48].fields.flags` → `0x48 flags`, `nodes[/its@0].properties[status].value.strings` → `/its@0 status`. */
function placeOf(path: string): string {
  return path
    .replace(/^(?:nodes|structures|entries|blocks|allocations)\[([^\]]*)\]\.?/, '$1 ')
    .replace(/^([^ ]* )properties\[([^\]]*)\]\.(?:value\.)?(?:strings|cells|hex)?/, '$1$2')
    .replace(/(^| )fields\./, '$1')
    .trim()
}

/** Tables and trees that differ, field by field. */
export function* tableChanges(before: DiffSide, after: DiffSide): Generator<SingleChange> {
  for (const name of new Set([...before.tables.keys(), ...after.tables.keys()])) {
    const [was, is] = [before, after].map(({ tables }) => {
      const leaves = new Map<string, string>()
      if (tables.has(name)) addLeaves(leaves, tables.get(name), '', TABLE_LEFT_OUT)
      return leaves
    })
    if (was === undefined || is === undefined) continue
    if (was.size === 0 || is.size === 0) {
      const [one, other] = [was.size > 0 ? 'there' : undefined, is.size > 0 ? 'there' : undefined]
      yield { path: name, before: one, after: other, area: 'tables', subject: name, field: 'table' }
      continue
    }
    for (const change of changedLeaves(was, is)) {
      // The command line is told word by word, and the form of a value by the value.
      if (!/\.properties\[(?:bootargs\]|[^\]]{0,64}\]\.(?:name|value\.type)$)/.test(change.path)) {
        yield { ...change, area: 'tables', subject: name, field: placeOf(change.path) }
      }
    }
  }
}
