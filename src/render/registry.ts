import { renderHumanCheck } from './probe/human-check.js'
import { renderHumanProbe } from './probe/human-probe.js'
import { toJson } from './formats/json.js'
import type { Renderer } from './types.js'

export type RendererName = 'human-probe' | 'human-check' | 'json'

/** Every way to print a report, by name. A new one is a file and a line here. */
export const RENDERERS: Readonly<Record<RendererName, Renderer>> = {
  'human-probe': renderHumanProbe,
  'human-check': renderHumanCheck,
  json: (report) => toJson(report),
}
