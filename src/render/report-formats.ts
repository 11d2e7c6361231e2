import type { Analysis } from '../report/probe/build.js'
import { findingsOfProbe } from '../report/lint/findings-document.js'
import { jsonPieces } from './formats/json.js'
import { RENDERERS } from './registry.js'
import type { RenderOptions } from './types.js'

/** The forms of a report; `human` is an older name of `text`. */
export const REPORT_FORMATS = [
  'text',
  'json',
  'ndjson',
  'markdown',
  'html',
  'sarif',
  'junit',
  'prometheus',
  'nagios',
  'nfd',
  'human',
] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]

/** A rendered report, and what the program ends with where it is printed. */
export interface RenderedReport {
  /** The text, of which not all has to be in memory at once. */
  readonly pieces: Iterable<string>
  readonly exitCode: number
}

export interface ReportRenderOptions extends RenderOptions {
  /** For what expires. */
  readonly now: Date
}

/**
 * A report in the named form. Only the form that is asked for is loaded. The exit code is the report's, but for monitors,
 * which have their own.
 */
export async function renderAnalysis(
  { report, evaluation }: Analysis,
  format: ReportFormat,
  options: ReportRenderOptions,
): Promise<RenderedReport> {
  const { exitCode } = report
  switch (format) {
    case 'text':
    case 'human':
      return { pieces: [RENDERERS['human-probe'](report, options)], exitCode }
    case 'json':
      return { pieces: jsonPieces(report), exitCode }
    case 'ndjson': {
      const { renderNdjson } = await import('./formats/ndjson.js')
      return { pieces: [renderNdjson(report)], exitCode }
    }
    case 'markdown': {
      const { renderMarkdown } = await import('./formats/markdown.js')
      return { pieces: [renderMarkdown(report)], exitCode }
    }
    case 'html': {
      const { renderHtml } = await import('./formats/html.js')
      return { pieces: [renderHtml(report)], exitCode }
    }
    case 'sarif': {
      const { renderSarif } = await import('./formats/sarif.js')
      return { pieces: [renderSarif(findingsOfProbe(report, evaluation))], exitCode }
    }
    case 'junit': {
      const { renderJunit } = await import('./formats/junit.js')
      return { pieces: [renderJunit(findingsOfProbe(report, evaluation))], exitCode }
    }
    case 'prometheus': {
      const { renderPrometheus } = await import('./formats/prometheus.js')
      return { pieces: [renderPrometheus(report)], exitCode }
    }
    case 'nagios': {
      const { nagiosCode, renderNagios } = await import('./formats/nagios.js')
      return { pieces: [renderNagios(report)], exitCode: nagiosCode(report) }
    }
    case 'nfd': {
      const { renderNfd } = await import('./formats/nfd.js')
      return { pieces: [renderNfd(report, options)], exitCode }
    }
  }
}
