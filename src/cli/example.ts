import { RENDERERS } from '../render/registry.js'
import type { Report } from '../report/types.js'
import type { InputSelection } from '../inputs/open-machine.js'
import { exampleMachine } from '../inputs/emulated-machines.js'
import { writeStdout } from './output.js'
import { renderOptions, type OutputFlags } from './terminal.js'

interface ExampleFlags extends InputSelection, OutputFlags {
  readonly json: boolean
}

/** True for a live host without a single PCI function, read without trouble: there is nothing to look at. */
function nothingToLookAt(report: Report): boolean {
  // What nobody collected of every function is no trouble where there is no function.
  const troubled = report.unread.some(
    ({ area, reason }) => area === 'pci-functions' || (area === 'configuration-space' && reason !== 'not-collected'),
  )
  return report.source.kind === 'live' && report.devices.length === 0 && !troubled
}

/** The bundled machine to show after the answer about such a host; undefined where none is wanted or there is none. */
export function exampleFor(report: Report, flags: ExampleFlags): string | undefined {
  return !flags.json && nothingToLookAt(report) ? exampleMachine() : undefined
}

/** Prints a bundled machine under a title that keeps it apart from the answer. The exit code stays the host's. */
export function printExample(name: string, report: Report, flags: ExampleFlags): void {
  const options = renderOptions(flags)
  const rule = '-'.repeat(Math.min(options.columns, 80))
  writeStdout(
    `\nEXAMPLE: not this host but a bundled machine, as shown by\n  intremap probe --emulated ${name}\n${rule}\n`,
  )
  writeStdout(
    `${RENDERERS['human-probe'](report, options)}${rule}\nEnd of the example. This host itself has no PCI function to judge.\n`,
  )
}
