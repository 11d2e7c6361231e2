import { command } from '../cli/command-spec.js'
import { OUTPUT_FLAGS } from '../cli/flags.js'
import { UsageError } from '../cli/errors.js'
import { FleetPrinter } from '../cli/print-fleet.js'
import { defaultJobs, judgeFleet } from '../fleet/judge-fleet.js'
import { fleetPaths } from '../inputs/fleet-paths.js'

function jobsOf(text: string | undefined): number {
  if (text === undefined) return defaultJobs()
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text)
  throw new UsageError(`"${text}" is no number of threads`, { path: '--jobs', hint: 'Give a number from 1 on.' })
}

export const FLEET = command({
  id: 'fleet',
  summary: 'Judge many captures or reports, and tell which hosts are alike.',
  description:
    'Each path is a capture, a tree, a report as JSON, or a directory of them; - reads a list of paths from standard input. Hosts ' +
    'with equal firmware, kernel and findings are told together. An input that cannot be read is told and never ends a run. ' +
    'Exit code: 1 a host has a device that is not isolated, 3 none has and one could not be judged, else 0.',
  examples: [
    'intremap fleet captures/',
    'find /srv/captures -name "*.tar.gz" | intremap fleet - --json',
    'intremap fleet captures/ --format ndjson > hosts.ndjson',
  ],
  args: { paths: { description: 'Captures, reports, or directories of them; - for a list.', multiple: true } },
  flags: {
    format: {
      kind: 'choice',
      summary: 'ndjson has a host a line, as soon as it is judged.',
      options: ['text', 'json', 'ndjson'],
      default: 'text',
      group: 'OUTPUT',
    },
    all: { kind: 'boolean', summary: 'Show every kind of host.', group: 'OUTPUT' },
    ...OUTPUT_FLAGS,
    jobs: { kind: 'string', summary: 'How many are judged at once.', value: 'N', group: 'JUDGEMENT' },
  },
  async run(flags, args) {
    if (args.paths.length === 0) {
      throw new UsageError('no path was given', {
        path: 'none',
        hint: 'intremap fleet DIRECTORY, or - for a list on standard input.',
      })
    }
    const jobs = jobsOf(flags.jobs)
    const printer = new FleetPrinter(flags)
    for await (const host of judgeFleet(fleetPaths(args.paths), jobs)) printer.add(host)
    return printer.end()
  },
})
