import { isatty } from 'node:tty'
import { renderHumanFleet } from '../render/fleet/human-fleet.js'
import { jsonLine, toJson } from '../render/formats/json.js'
import { FleetCounter } from '../report/fleet/fleet-summary.js'
import type { HostError, HostLine } from '../report/fleet/host-line.js'
import { assertOneForm } from './one-form.js'
import { writeStderr, writeStdout } from './output.js'
import { renderOptions, type OutputFlags } from './terminal.js'

const STDERR = 2
/** Hosts between two looks at how far it is. */
const PROGRESS_STEP = 25

interface FleetFlags extends OutputFlags {
  readonly json: boolean
  readonly format: 'text' | 'json' | 'ndjson'
}

/** Counts hosts as they are judged, prints them where each is wanted, and says at a terminal how far it is. */
export class FleetPrinter {
  private readonly counter = new FleetCounter()
  private readonly format: FleetFlags['format']
  private readonly isWatched = isatty(STDERR)
  private readonly flags: FleetFlags
  private seen = 0

  constructor(flags: FleetFlags) {
    assertOneForm(flags)
    this.flags = flags
    this.format = flags.json ? 'json' : flags.format
  }

  add(host: HostLine | HostError): void {
    this.counter.add(host)
    this.seen += 1
    if (this.format === 'ndjson') writeStdout(jsonLine(host))
    if (this.isWatched && this.seen % PROGRESS_STEP === 0) writeStderr(`\r${this.seen} hosts `)
  }

  /** Prints what they come to, and gives the exit code. */
  end(): number {
    if (this.isWatched && this.seen >= PROGRESS_STEP) writeStderr('\r\u001b[K')
    const fleet = this.counter.report()
    if (this.format === 'json') writeStdout(toJson(fleet))
    if (this.format === 'text') writeStdout(renderHumanFleet(fleet, renderOptions(this.flags)))
    return fleet.exitCode
  }
}
