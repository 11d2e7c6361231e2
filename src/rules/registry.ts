import { acsOverride } from './ir002-acs-override.js'
import { identityDomain } from './ir103-identity-domain.js'
import { preIts } from './ir102-pre-its.js'
import { runningAsGuest } from './ir003-running-as-guest.js'
import type { Rule } from './rule.js'
import { sharedDeviceId } from './ir101-shared-device-id.js'
import { sourceIdUnchecked } from './ir004-source-id-unchecked.js'
import { unsafeInterruptsAllowed } from './ir001-unsafe-interrupts-allowed.js'
import { witnessesDisagree } from './ir104-witnesses-disagree.js'

/** Every rule, in the order of the ids. */
export const rules: readonly Rule[] = [
  unsafeInterruptsAllowed,
  acsOverride,
  runningAsGuest,
  sourceIdUnchecked,
  sharedDeviceId,
  preIts,
  identityDomain,
  witnessesDisagree,
]

/** Date of the newest change to what the rules judge; a verdict is only as fresh as this. */
export const RULESET = '2026-11-22'
