import type { Budget } from '../budget/budget.js'
import { BundleError, printable } from './bundle-error.js'
import { applyManifest, MANIFEST_NAME, parseManifest, type BundleManifest } from './bundle-manifest.js'
import type { EntryTable } from './entry-table.js'
import { MemoryTree } from './memory-sysroot.js'
import type { PassedOver } from './types.js'

/**
 * The manifest of the capture `name`. Throws BundleError for one that cannot be understood: it may name what is missing,
 * so that without it nothing of the capture could be trusted.
 *
 * @param content undefined where it cannot be read
 */
export function understoodManifest(content: Uint8Array | undefined, name: string, budget: Budget): BundleManifest {
  const manifest = content === undefined ? 'cannot be read' : parseManifest(content, budget)
  if (typeof manifest !== 'string') return manifest
  throw new BundleError(
    name,
    `its ${MANIFEST_NAME} ${printable(manifest)}`,
    'Use the release that wrote it, or a newer one.',
  )
}

/** The machine of these files as its manifest lets it be known; `entries` become its own. */
export function recordedTree(
  entries: EntryTable,
  manifest: BundleManifest | undefined,
  note: (passedOver: PassedOver) => void,
): MemoryTree {
  if (manifest !== undefined) for (const each of applyManifest(entries, manifest)) note(each)
  // A recording says what was not there; of all else that it lacks it says nothing.
  return new MemoryTree(entries, manifest?.absent === undefined ? undefined : 'not-collected')
}
