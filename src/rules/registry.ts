import { acpiRules } from './acpi-rules.js'
import { deviceTreeRules } from './devicetree-rules.js'
import { unsafeInterruptsAllowed } from './machine/ir001-unsafe-interrupts-allowed.js'
import { acsOverride } from './machine/ir002-acs-override.js'
import { runningAsGuest } from './machine/ir003-running-as-guest.js'
import { sourceIdUnchecked } from './machine/ir004-source-id-unchecked.js'
import { unmatchedStreamsAllowed } from './machine/ir005-unmatched-streams-allowed.js'
import { noIommuModeEnabled } from './machine/ir006-no-iommu-mode-enabled.js'
import { sharedInterruptArea } from './machine/ir007-shared-interrupt-area.js'
import { compatibilityFormatInterrupts } from './machine/ir008-compatibility-format-interrupts.js'
import { interfaceNotConfigured } from './machine/ir009-interface-not-configured.js'
import { interruptsNotRemapped } from './machine/ir010-interrupts-not-remapped.js'
import { sharedDeviceId } from './ids/ir101-shared-device-id.js'
import { preIts } from './devices/ir102-pre-its.js'
import { identityDomain } from './devices/ir103-identity-domain.js'
import { witnessesDisagree } from './devices/ir104-witnesses-disagree.js'
import { noIommu } from './devices/ir105-no-iommu.js'
import { iommuNotDriven } from './devices/ir106-iommu-not-driven.js'
import { noMsiController } from './devices/ir107-no-msi-controller.js'
import { payloadNotChecked } from './devices/ir108-payload-not-checked.js'
import { evidenceUnreadable } from './devices/ir109-evidence-unreadable.js'
import { atsEnabled } from './devices/ir110-ats-enabled.js'
import { sourceValidationMissing } from './devices/ir111-source-validation-missing.js'
import { otherDoorbellReachable } from './devices/ir112-other-doorbell-reachable.js'
import { deviceIdRangesCollide } from './ids/ir113-device-id-ranges-collide.js'
import { idRelationChanges } from './ids/ir114-id-relation-changes.js'
import { deviceIdTooLarge } from './devices/ir115-device-id-too-large.js'
import { msiConfigurationBackDoor } from './devices/ir116-msi-configuration-back-door.js'
import { requesterIdAlias } from './devices/ir117-requester-id-alias.js'
import { itsErratum } from './devices/ir118-its-erratum.js'
import { hiddenByFirmware } from './devices/ir119-hidden-by-firmware.js'
import { hypervisorDecides } from './devices/ir120-hypervisor-decides.js'
import { functionsShareGroup } from './devices/ir121-functions-share-group.js'
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
  interfaceNotConfigured,
  interruptsNotRemapped,
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
export const RULESET = '2026-11-29'
