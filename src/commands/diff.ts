import { command } from '../cli/command-spec.js'
import { kernelRelease, JUDGE_FLAGS, OUTPUT_FLAGS } from '../cli/flags.js'
import { openInput } from '../cli/open-input.js'
import { printDiff } from '../cli/print.js'
import {
  buildReport,
  decodeFirmware,
  diffReports,
  firmwareDocuments,
  machineSide,
  probeMachine,
  type DiffSide,
} from '../index.js'
import { UsageError } from '../inputs/errors.js'
import { readReport } from '../inputs/report-file.js'

/** One side: a report as it was kept, or a machine that is judged now. No path is this host. */
async function sideOf(path: string | undefined, release: string | undefined): Promise<DiffSide> {
  const kept = path === undefined ? undefined : readReport(path)
  if (kept?.kind === 'report') return { report: kept.report, settings: new Map(), tables: new Map() }
  const contents = kept?.content && path !== undefined ? new Map([[path, kept.content]]) : undefined
  const sysroot = await openInput({ contents }, path === undefined ? [] : [path])
  const machine = probeMachine(sysroot)
  const report = buildReport(machine, release === undefined ? {} : { kernelRelease: release })
  return machineSide(machine, report, decodeFirmware(firmwareDocuments({ kind: 'machine', sysroot })))
}

/** Of a report that was kept nothing is known but what it says: of the other side no more may count either. */
function comparable(one: DiffSide, other: DiffSide): DiffSide {
  const isKept = other.settings.size === 0 && other.tables.size === 0
  return isKept ? { ...one, settings: other.settings, tables: other.tables } : one
}

export const DIFF = command({
  id: 'diff',
  summary: 'Compare two captures, reports or hosts: did anything get weaker?',
  description:
    'Verdicts, routes, answers of the kernel, groups, settings, tables field by field, findings. Without AFTER this host is ' +
    'compared with BEFORE. Exit code: 0 nothing got weaker, 1 a device did, or one came that is not isolated or unknown.',
  examples: [
    'intremap diff before.tar.gz',
    'intremap diff yesterday.json today.json',
    'intremap diff 6.1.tar.gz 6.12.tar.gz --json',
    'ssh host intremap capture -o - | intremap diff reference.tar.gz -',
  ],
  args: {
    before: { description: 'A capture, a report as JSON, or any other evidence that probe takes.', required: true },
    after: { description: 'The same of what it is compared with; this host when left out.' },
  },
  flags: {
    all: { kind: 'boolean', summary: 'Show every change, not only what fits a screen.', group: 'OUTPUT' },
    ...OUTPUT_FLAGS,
    'kernel-release': JUDGE_FLAGS['kernel-release'],
  },
  async run(flags, args) {
    if (args.before === '-' && args.after === '-') {
      throw new UsageError('standard input cannot be both sides', { path: '-', hint: 'Write one of them to a file.' })
    }
    const release = kernelRelease(flags['kernel-release'])
    const [before, after] = [await sideOf(args.before, release), await sideOf(args.after, release)]
    const diff = diffReports(comparable(before, after), comparable(after, before))
    printDiff(diff, flags)
    return diff.exitCode
  },
})
