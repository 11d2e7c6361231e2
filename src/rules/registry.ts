import { acpiRules } from './acpi-rules.js'
import { deviceTreeRules } from './devicetree-rules.js'
import { unsafeInterruptsAllowed } from './ir001-unsafe-interrupts-allowed.js'
import { acsOverride } from './ir002-acs-override.js'
import { runningAsGuest } from './ir003-running-as-guest.js'
import { sourceIdUnchecked } from './ir004-source-id-unchecked.js'
import { unmatchedStreamsAllowed } from './ir005-unmatched-streams-allowed.js'
import { noIommuModeEnabled } from './ir006-no-iommu-mode-enabled.js'
import { sharedInterruptArea } from './ir007-shared-interrupt-area.js'
import { compatibilityFormatInterrupts } from './ir008-compatibility-format-interrupts.js'
import { sharedDeviceId } from './ir101-shared-device-id.js'
import { preIts } from './ir102-pre-its.js'
import { identityDomain } from './ir103-identity-domain.js'
import { witnessesDisagree } from './ir104-witnesses-disagree.js'
import { noIommu } from './ir105-no-iommu.js'
import { iommuNotDriven } from './ir106-iommu-not-driven.js'
import { noMsiController } from './ir107-no-msi-controller.js'
import { payloadNotChecked } from './ir108-payload-not-checked.js'
import { evidenceUnreadable } from './ir109-evidence-unreadable.js'
import { atsEnabled } from './ir110-ats-enabled.js'
import { sourceValidationMissing } from './ir111-source-validation-missing.js'
import { otherDoorbellReachable } from './ir112-other-doorbell-reachable.js'
import { deviceIdRangesCollide } from './ir113-device-id-ranges-collide.js'
import { idRelationChanges } from './ir114-id-relation-changes.js'
import { deviceIdTooLarge } from './ir115-device-id-too-large.js'
import { msiConfigurationBackDoor } from './ir116-msi-configuration-back-door.js'
import { requesterIdAlias } from './ir117-requester-id-alias.js'
import { itsErratum } from './ir118-its-erratum.js'
import { hiddenByFirmware } from './ir119-hidden-by-firmware.js'
import { hypervisorDecides } from './ir120-hypervisor-decides.js'
import { functionsShareGroup } from './ir121-functions-share-group.js'
import type { Rule } from './rule.js'

/** Every rule, in the order of the ids. */
export const rules: readonly Rule[] = [
  unsafeInterruptsAllowed,
  acsOverride,
  runningAsGuest,
  sourceIdUnchecked,
  unmatchedStreamsAllowed,
  noIommuModeEnabled,
  sharedInterruptArea,
  compatibilityFormatInterrupts,
  sharedDeviceId,
  preIts,
  identityDomain,
  witnessesDisagree,
  noIommu,
  iommuNotDriven,
  noMsiController,
  payloadNotChecked,
  evidenceUnreadable,
  atsEnabled,
  sourceValidationMissing,
  otherDoorbellReachable,
  deviceIdRangesCollide,
  idRelationChanges,
  deviceIdTooLarge,
  msiConfigurationBackDoor,
  requesterIdAlias,
  itsErratum,
  hiddenByFirmware,
  hypervisorDecides,
  functionsShareGroup,
  ...acpiRules,
  ...deviceTreeRules,
]

/** Date of the newest change to what the rules judge; a verdict is only as fresh as this. */
export const RULESET = '2026-11-27'
