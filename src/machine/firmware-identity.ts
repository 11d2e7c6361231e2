import type { Fact } from './fact.js'

/** Which firmware a machine has, and what it says of the machine in tables and tree. */
export interface FirmwareIdentity {
  /** DMI: `1.15.2`; absent where there is no DMI. */
  readonly version: Fact<string>
  /** DMI, MM/DD/YYYY. */
  readonly date: Fact<string>
  /**
   * SHA-256, lower-case hex, over the tables and the tree as far as verdicts depend on them: equal firmware with equal
   * settings has one, and a capture that of its machine. Absent without any table and tree.
   */
  readonly fingerprint: Fact<string>
}
