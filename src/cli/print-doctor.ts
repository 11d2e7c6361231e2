import { renderHumanDoctor } from '../render/doctor/human-doctor.js'
import { toJson } from '../render/formats/json.js'
import type { DoctorReport } from '../report/doctor/doctor-report.js'
import { writeStdout } from './output.js'
import { renderOptions, type OutputFlags } from './terminal.js'

/** Prints what a run can see, as text or as JSON. */
export function printDoctor(doctor: DoctorReport, flags: OutputFlags & { readonly json: boolean }): void {
  writeStdout(flags.json ? toJson(doctor) : renderHumanDoctor(doctor, renderOptions(flags)))
}
