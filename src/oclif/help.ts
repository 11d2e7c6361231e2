import { format } from 'node:util'
import { Help } from '@oclif/core'
import { writeStdout } from '../cli/output.js'

const EXIT_CODES = `EXIT CODES
  0   every endpoint asked about is good enough
  1   at least one is not isolated
  3   none is bad, at least one is unknown, or there is no endpoint at all
  64  the command line is wrong
  65  the input cannot be parsed
  66  no such device, group or path
  70  internal error: no verdict was reached`

/** Help through the one way to standard output, with the exit codes at its end. */
export class IntremapHelp extends Help {
  override formatRoot(): string {
    return `${super.formatRoot()}\n\n${EXIT_CODES}`
  }

  protected override log(...lines: string[]): void {
    writeStdout(`${format(...lines)}\n`)
  }
}
