import type { Diagnostic } from '../../machine/acpi-table.js'

/** A hostile blob can be wrong in every word: the first faults tell enough. */
const LIMIT = 100

/** Collects what was wrong with one blob. */
export class BlobDiagnostics {
  readonly list: Diagnostic[] = []
  damaged = false
  private readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** Notes a fault of the format itself, at `offset` from the start of the blob. */
  damage(offset: number, message: string): void {
    this.damaged = true
    if (this.list.length < LIMIT) this.list.push({ path: this.path, offset, message: `Device tree: ${message}` })
    else if (this.list.length === LIMIT) {
      this.list.push({ path: this.path, offset, message: 'Device tree: further faults are not listed.' })
    }
  }
}
