import type { Report } from '../types.js'

/** `seen` whole, `partly`, `hidden` though the machine may have it, `not-there` as far as anybody can see. */
export type SightState = 'seen' | 'partly' | 'hidden' | 'not-there'

/** One kind of evidence, and how much of it this run can see. */
export interface Sight {
  /** Stable, in kebab-case. */
  readonly id: string
  readonly what: string
  readonly state: SightState
  /** How much there is, or why not. */
  readonly detail: string
  /** Whether verdicts rest on it: where it is hidden, some stay unknown. */
  readonly decides: boolean
  /** What it would tell. */
  readonly tells: string
  /** What would bring what is missing; `none` where nothing is, or nothing would. */
  readonly step: string
}

/** The process that looks, as far as it decides what can be seen. */
export interface Surroundings {
  /** `v22.1.0`. */
  readonly node: string
  readonly root: boolean
  /** Where the compiler of device-tree sources is; undefined where it is not. */
  readonly dtc: string | undefined
}

export interface DoctorReport {
  readonly schema: 'intremap/doctor'
  readonly schemaVersion: string
  readonly tool: Report['tool']
  readonly source: Report['source']
  readonly user: 'root' | 'other'
  readonly node: string
  readonly sights: readonly Sight[]
  /** 0 all that verdicts rest on is seen, 3 some of it is not. */
  readonly exitCode: 0 | 3
}
