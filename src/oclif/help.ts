import { format } from 'node:util'
import { Help } from '@oclif/core'
import { EXIT_CODES } from '../cli/exit-codes.js'
import { writeStdout } from '../cli/output.js'

const CODES = EXIT_CODES.map(([code, meaning]) => `  ${String(code).padEnd(4)}${meaning}`)

/** Help through the one way to standard output, with the exit codes at its end. */
export class IntremapHelp extends Help {
  override formatRoot(): string {
    return `${super.formatRoot()}\n\nEXIT CODES\n${CODES.join('\n')}`
  }

  protected override log(...lines: string[]): void {
    writeStdout(`${format(...lines)}\n`)
  }
}
