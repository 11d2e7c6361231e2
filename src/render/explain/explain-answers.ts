import type { DeviceExplanation, GateExplanation, ReleaseAnswer } from '../../report/explain/explanation.js'
import type { Answer, GateOutcome, Strength } from '../../report/types.js'
import { exact, prose, type Block } from '../layout/document.js'
import { newerReleaseWords } from '../words/newer-release.js'
import { obstacleWords } from '../words/obstacle-words.js'
import { enumerate } from '../layout/text-layout.js'
import { VERDICT_WORDS } from '../words/verdict-words.js'

const LEADS = {
  kernel: '  kernel    ',
  verdict: '  verdict   ',
  log: '  log line  ',
  eras: '  eras      ',
  besides: '  besides   ',
  eperm: '  if EPERM  ',
  none: '            ',
} as const

/** What stands behind a verdict. */
const STRENGTH_WORDS: Record<Strength, string> = {
  'in-use': 'seen in use',
  probed: 'described and probed',
  described: 'firmware alone says so',
  none: 'no witness',
}

/** What a gate answers, in a table and in a sentence. */
const OUTCOME_WORDS: Record<GateOutcome, string> = {
  accepts: 'accepts',
  'accepts-by-override': 'accepts, only by the override',
  'accepts-without-iommu': 'accepts in no-IOMMU mode, without an IOMMU',
  refuses: 'refuses',
  absent: 'is absent',
  'not-applicable': 'is not asked',
  unknown: 'unknown',
}

function gateWords({ outcome, errno }: GateExplanation): string {
  return errno === 'none' || errno === 'unknown' ? OUTCOME_WORDS[outcome] : `${OUTCOME_WORDS[outcome]} (${errno})`
}

const sameAnswer = (left: ReleaseAnswer, right: ReleaseAnswer) =>
  gateWords(left.vfioType1) === gateWords(right.vfioType1)

/** `6.12.95` of `6.12.95+deb12-arm64`: what decides, without the builder's own words. */
const shortRelease = (release: string) => /^\d+(?:\.\d+)*/.exec(release)?.[0] ?? release

/** Runs of releases with one answer: `4.9 accepts, 4.12 to 6.2 refuses (EPERM)`. */
function eraWords(releases: readonly ReleaseAnswer[]): string {
  const runs: { first: ReleaseAnswer; last: ReleaseAnswer }[] = []
  for (const answer of releases) {
    const run = runs.at(-1)
    if (run && sameAnswer(run.first, answer)) run.last = answer
    else runs.push({ first: answer, last: answer })
  }
  return runs
    .map(({ first, last }) => {
      const [from, to] = [shortRelease(first.release), shortRelease(last.release)]
      const span = first === last ? from : `${from} to ${to}`
      return `${span} ${gateWords(first.vfioType1)}`
    })
    .join('; ')
}

/** How much of the answers is shown. */
export interface AnswersDetail {
  /** Lines of a kernel log line; undefined is all of it. */
  readonly logLines: number | undefined
}

/** What the kernel's own predicate says. */
const CALLS: Record<Answer, string> = {
  yes: 'calls it isolated',
  no: 'calls it not isolated',
  unknown: 'gives no answer that can be foretold',
}

function kernelWords({ kernel, device }: DeviceExplanation): string {
  const { release, isolatedMsi, vfioType1, iommufd } = kernel
  const gates =
    device.role === 'endpoint'
      ? `VFIO type1 ${gateWords(vfioType1)}; iommufd ${gateWords(iommufd)}`
      : 'nobody is handed a device like this'
  return `${release === 'unknown' ? 'a kernel of unknown release' : release} ${CALLS[isolatedMsi]}; ${gates}`
}

function verdictWords({ device, effectiveVerdict, group, weakerMembers }: DeviceExplanation): string {
  if (device.role !== 'endpoint') return 'none: only endpoints are handed out'
  const own = `${VERDICT_WORDS[device.verdict].phrase} (${device.reason}), ${STRENGTH_WORDS[device.strength]}`
  if (effectiveVerdict === device.verdict || typeof group === 'string') return own
  const members = enumerate(weakerMembers, 3) || 'another member'
  return `${own}; its group ${group.id} is ${VERDICT_WORDS[effectiveVerdict].phrase} because of ${members}, and that decides`
}

function eraBlocks({ device, kernel, releases }: DeviceExplanation): readonly Block[] {
  if (device.role !== 'endpoint') return []
  const others = releases.filter((answer) => !sameAnswer(answer, kernel))
  if (others.length > 0) return [prose(LEADS.eras, `VFIO type1: ${eraWords(releases)}`)]
  const span = `${shortRelease(releases[0]?.release ?? '')} to ${shortRelease(releases.at(-1)?.release ?? '')}`
  return [prose(LEADS.eras, `VFIO type1 answers the same on ${span}`)]
}

/** An EPERM that is met all the same has another reason. */
const isLetThrough = ({ vfioType1, iommufd }: ReleaseAnswer) =>
  [vfioType1, iommufd].some(({ outcome }) => outcome === 'accepts' || outcome === 'accepts-by-override')

/** The kernel's answer and the verdict, side by side, with what users will see of the first. */
export function answersSection(explanation: DeviceExplanation, detail: AnswersDetail): readonly Block[] {
  const { device, kernel } = explanation
  const logged = [...new Set([kernel.vfioType1.logLine, kernel.iommufd.logLine])]
  const lines = logged.filter((line) => line !== 'none' && line !== 'unknown')
  const newer = newerReleaseWords(kernel.release, kernel.gateRelease)
  const { obstacles } = device
  return [
    prose(LEADS.kernel, kernelWords(explanation)),
    ...(newer === undefined ? [] : [prose(LEADS.none, newer)]),
    prose(LEADS.verdict, verdictWords(explanation)),
    ...lines.map((line) => exact(LEADS.log, `"${line}"`, detail.logLines)),
    ...eraBlocks(explanation),
    ...(isLetThrough(kernel)
      ? [prose(LEADS.eperm, `not from this gate: permissions of the nodes below /dev, cgroup or container (--all)`)]
      : []),
    ...(obstacles.length > 0
      ? [prose(LEADS.besides, obstacles.map(({ code }) => obstacleWords({ code, errno: 'none' })).join('; '))]
      : []),
  ]
}
