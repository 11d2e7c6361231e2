import type { DoctorReport, Sight, SightState } from '../../report/doctor/doctor-report.js'
import type { Verdict } from '../../report/types.js'
import { blank, heading, layOut, prose, table, toned, type Block } from '../layout/document.js'
import { escapeAll } from '../layout/escape.js'
import { styleOf } from '../layout/style.js'
import { cell, count, enumerate, fit } from '../layout/text-layout.js'
import type { RenderOptions } from '../types.js'

const WHAT_WIDTH = 24
const SIGNS: Record<SightState, readonly [sign: string, tone: Verdict | 'quiet']> = {
  seen: ['ok', 'isolated'],
  partly: ['~~', 'isolated-with-caveats'],
  hidden: ['??', 'unknown'],
  'not-there': ['--', 'quiet'],
}
const isMissed = ({ state }: Sight) => state === 'partly' || state === 'hidden'

function answer({ sights, exitCode }: DoctorReport): Block {
  if (exitCode === 0) return toned('isolated', 'ok This run sees everything that verdicts rest on.')
  const missed = sights.filter((sight) => sight.decides && isMissed(sight)).map(({ what }) => what)
  return toned(
    'unknown',
    `?? This run does not see all that verdicts rest on: ${enumerate(missed, missed.length)}. Some verdicts stay unknown.`,
  )
}

function lookedAt({ source, user, node }: DoctorReport): string {
  const what =
    source.kind === 'live' ? `this host, as ${user === 'root' ? 'root' : 'a user without rights'}` : source.name
  return `looked at: ${what}; Node.js ${node}`
}

/** The same step is told once, with all that it adds; what decides verdicts first. */
function stepsOf(sights: readonly Sight[]): readonly Block[] {
  const steps = new Map<string, Sight[]>()
  for (const sight of [...sights.filter(({ decides }) => decides), ...sights.filter(({ decides }) => !decides)]) {
    if (sight.step !== 'none') steps.set(sight.step, [...(steps.get(sight.step) ?? []), sight])
  }
  return [...steps].map(([step, added]) => {
    const [only] = added
    const what = enumerate(
      added.map((one) => one.what),
      added.length,
    )
    const tells = added.length === 1 && only !== undefined ? ` (${only.tells})` : ''
    return prose(
      '  ',
      `${what}${tells}: ${step}.`.replace(/^./, (first) => first.toUpperCase()),
    )
  })
}

/** One screen: what is seen, what is not, and what would add it. */
export function renderHumanDoctor(raw: DoctorReport, options: RenderOptions): string {
  const doctor = escapeAll(raw)
  const style = styleOf(options.colorLevel)
  const rows = doctor.sights.map(({ what, state, detail }) => {
    const [sign, tone] = SIGNS[state]
    const toneOf = (text: string) => (tone === 'quiet' ? style.quiet(text) : style.verdict(tone, text))
    return `${toneOf(sign)} ${cell(what, WHAT_WIDTH)} ${fit(detail, options.columns - WHAT_WIDTH - 4)}`
  })
  const steps = stepsOf(doctor.sights)
  const unhelped = doctor.sights.filter((sight) => isMissed(sight) && sight.step === 'none').length
  const blocks: readonly Block[] = [
    answer(doctor),
    toned('quiet', lookedAt(doctor)),
    blank,
    table(rows),
    ...(steps.length > 0 ? [blank, heading('What would add it'), ...steps] : []),
    ...(unhelped > 0
      ? [
          prose(
            '  ',
            `${count(unhelped, 'kind')} of evidence damaged or unreadable: intremap probe --all names the files.`,
          ),
        ]
      : []),
  ]
  return `${layOut(blocks, options).join('\n')}\n`
}
