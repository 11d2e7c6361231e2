import type { IndexedReport } from '../report-index.js'
import type { DeviceReport, Report } from '../../report/types.js'
import { classWords, columnWords, idWords } from '../words/class-words.js'
import { addressWords, whyWords, worstFirst } from '../words/device-words.js'
import { styleOf } from '../layout/style.js'
import { cell, count } from '../layout/text-layout.js'
import type { RenderOptions } from '../types.js'
import { endpointsOf, notEndpoints, VERDICT_WORDS } from '../words/verdict-words.js'

/** Rows that an ordinary screen has room for. */
export const ROWS_SHOWN = 10
const DRIVER_WIDTH = 16
/** What class and ids take; names may have more where there is room. */
const WHAT_WIDTH = 22
const NAME_WIDTH = 48

interface Row {
  readonly device: DeviceReport
  /** Devices like this one in everything but address and group, not shown. */
  readonly alike: number
}

/** One row for each kind of device where there are too many for a screen. */
function collapse(devices: readonly DeviceReport[], report: IndexedReport, most: number): readonly Row[] {
  if (devices.length <= most) return devices.map((device) => ({ device, alike: 0 }))
  const kinds = new Map<string, { device: DeviceReport; alike: number }>()
  for (const device of devices) {
    const { classCode, vendorId, deviceId, driver } = device
    const kind = JSON.stringify([
      device.effectiveVerdict,
      whyWords(device, report),
      classCode,
      vendorId,
      deviceId,
      driver,
    ])
    const seen = kinds.get(kind)
    if (seen) seen.alike += 1
    else kinds.set(kind, { device, alike: 0 })
  }
  return [...kinds.values()]
}

interface Column {
  readonly title: string
  readonly text: (device: DeviceReport) => string
  readonly widest: number
}

/** A class that has no word says less than the ids. */
function classOrId({ classCode, vendorId, deviceId }: DeviceReport): string {
  const words = classWords(classCode)
  return words === 'device' ? idWords(vendorId, deviceId) : words
}

function columnsOf(report: Report): { readonly fixed: readonly Column[]; readonly optional: readonly Column[][] } {
  const short = addressWords(report)
  const address: Column = { title: 'DEVICE', text: (device) => short(device.address), widest: 14 }
  const what: Column = { title: 'WHAT', text: classOrId, widest: 12 }
  const whatAndId: Column = {
    title: 'WHAT',
    text: columnWords,
    widest: WHAT_WIDTH,
  }
  const driver: Column = { title: 'DRIVER', text: (device) => device.driver, widest: DRIVER_WIDTH }
  const group: Column = { title: 'GROUP', text: (device) => device.iommuGroup, widest: 7 }
  return { fixed: [address, group], optional: [[whatAndId, driver], [what, driver], [driver], []] }
}

/** Length of the longest text, at least `least`. */
const longest = (least: number, devices: readonly DeviceReport[], text: (device: DeviceReport) => string) =>
  devices.reduce((length, device) => Math.max(length, text(device).length), least)

/** Chooses the fullest set of columns that fits beside sign, verdict and reason. */
function layout(devices: readonly DeviceReport[], report: IndexedReport, width: number) {
  const widthOf = (column: Column) => Math.min(column.widest, longest(column.title.length, devices, column.text))
  const why = longest(3, devices, (device) => whyWords(device, report))
  const { fixed, optional } = columnsOf(report)
  const [address, group] = fixed
  for (const chosen of optional) {
    const columns = [address, ...chosen, group].filter((column) => column !== undefined)
    const used = columns.reduce((sum, column) => sum + widthOf(column) + 2, 3 + 12 + 2)
    if (used + Math.min(why, 19) <= width || chosen.length === 0) {
      // Room to spare goes to the names, which are cut otherwise.
      const spare = Math.max(0, width - used - why)
      const wider = (column: Column) =>
        column.text === columnWords
          ? Math.min(NAME_WIDTH, longest(column.title.length, devices, column.text), widthOf(column) + spare)
          : widthOf(column)
      const widths = columns.map((column) => ({ ...column, width: wider(column) }))
      const taken = widths.reduce((sum, column) => sum + column.width + 2, 3 + 12 + 2)
      return { columns: widths, why: Math.max(3, width - taken) }
    }
  }
  return { columns: [], why }
}

/**
 * The devices as an aligned table, worst first; every row fits the width. Empty without endpoints.
 *
 * @param most rows that there is room for where not everything is shown
 */
export function deviceTable(
  report: IndexedReport,
  options: RenderOptions,
  most: number = ROWS_SHOWN,
): readonly string[] {
  const style = styleOf(options.colorLevel)
  const devices = worstFirst(options.all ? report.devices : endpointsOf(report), report)
  const rows = options.all ? devices.map((device) => ({ device, alike: 0 })) : collapse(devices, report, most)
  const shown = rows.length > most && !options.all ? rows.slice(0, most - 1) : rows
  if (shown.length === 0) return []
  const { columns, why } = layout(
    shown.map((row) => row.device),
    report,
    options.columns,
  )
  const head = ['   VERDICT     ', ...columns.map((column) => cell(column.title, column.width)), 'WHY'].join('  ')
  const lines = [style.heading(head)]
  for (const { device, alike } of shown) {
    const judged = device.effectiveVerdict
    const { sign, words } = VERDICT_WORDS[judged]
    const verdict = device.role === 'endpoint' ? cell(`${sign} ${words}`, 15) : cell('   -', 15)
    const cells = columns.map((column) => cell(column.text(device), column.width))
    const reason = cell(whyWords(device, report), why).trimEnd()
    const colored = device.role === 'endpoint' ? style.verdict(judged, verdict) : verdict
    lines.push([colored, ...cells, reason].join('  '))
    if (alike > 0) lines.push(style.quiet(`   and ${alike} more like it`))
  }
  return [...lines, ...remainder(report, rows.slice(shown.length), options).map((line) => style.quiet(line))]
}

/** What the table left out. */
function remainder(report: Report, hidden: readonly Row[], options: RenderOptions): readonly string[] {
  if (options.all) return []
  const left = hidden.reduce((sum, row) => sum + 1 + row.alike, 0)
  const others = notEndpoints(report)
  const parts = [...(left > 0 ? [`${count(left, 'more device')}, none worse`] : []), ...others]
  return parts.length > 0 ? [`   not shown: ${parts.join(', and ')} (--all)`] : []
}
