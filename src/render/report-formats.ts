import type { Analysis } from '../report/probe/build.js'
import { findingsOfProbe } from '../report/lint/findings-document.js'
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
  readonly text: string
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
      return { text: RENDERERS['human-probe'](report, options), exitCode }
    case 'json':
      return { text: RENDERERS.json(report, options), exitCode }
    case 'ndjson': {
      const { renderNdjson } = await import('./formats/ndjson.js')
      return { text: renderNdjson(report), exitCode }
    }
    case 'markdown': {
      const { renderMarkdown } = await import('./formats/markdown.js')
      return { text: renderMarkdown(report), exitCode }
    }
    case 'html': {
      const { renderHtml } = await import('./formats/html.js')
      return { text: renderHtml(report), exitCode }
    }
    case 'sarif': {
      const { renderSarif } = await import('./formats/sarif.js')
      return { text: renderSarif(findingsOfProbe(report, evaluation)), exitCode }
    }
    case 'junit': {
      const { renderJunit } = await import('./formats/junit.js')
      return { text: renderJunit(findingsOfProbe(report, evaluation)), exitCode }
    }
    case 'prometheus': {
      const { renderPrometheus } = await import('./formats/prometheus.js')
      return { text: renderPrometheus(report), exitCode }
    }
    case 'nagios': {
      const { nagiosCode, renderNagios } = await import('./formats/nagios.js')
      return { text: renderNagios(report), exitCode: nagiosCode(report) }
    }
    case 'nfd': {
      const { renderNfd } = await import('./formats/nfd.js')
      return { text: renderNfd(report, options), exitCode }
    }
  }
}
