import { tableDamaged } from './acpi/ir201-table-damaged.js'
import { unknownStructure } from './acpi/ir202-unknown-structure.js'
import { danglingReference } from './acpi/ir203-dangling-reference.js'
import { nullReference } from './acpi/ir204-null-reference.js'
import { mappingLoop } from './acpi/ir205-mapping-loop.js'
import { smmuWithoutIts } from './acpi/ir206-smmu-without-its.js'
import { itsNotInMadt } from './acpi/ir207-its-not-in-madt.js'
import { itsNotInIort } from './acpi/ir208-its-not-in-iort.js'
import { gicv2mUnderIts } from './acpi/ir209-gicv2m-under-its.js'
import { requesterIdsUncovered } from './ids/ir210-ir306-ids-uncovered.js'
import { rangesOverlap } from './ids/ir211-ir312-ranges-overlap.js'
import { countOffByOne } from './ids/ir212-ir314-counts.js'
import { singleMapping } from './ids/ir213-single-mapping.js'
import { idsCollide } from './ids/ir214-ir313-ids-collide.js'
import { offsetChanges } from './ids/ir215-ir316-offset-changes.js'
import { secondRootComplex } from './acpi/ir216-second-root-complex.js'
import { segmentWithoutRootComplex } from './acpi/ir217-segment-without-root-complex.js'
import { ownMappingIndexRule } from './acpi/ir218-own-mapping-index.js'
import { itsAmbiguous } from './acpi/ir219-its-ambiguous.js'
import { reservedMemory } from './acpi/ir220-reserved-memory.js'
import { wrongTarget } from './acpi/ir221-wrong-target.js'
import { smmuModel } from './acpi/ir222-smmu-model.js'
import { noSmmu } from './acpi/ir223-no-smmu.js'
import { dmarWithoutIntrRemap } from './acpi/ir224-dmar-without-intr-remap.js'
import { ioApicInNoScope } from './acpi/ir225-io-apic-in-no-scope.js'
import { ioApicNotInIvrs } from './acpi/ir226-io-apic-not-in-ivrs.js'
import { southbridgeNotNamed } from './acpi/ir227-southbridge-not-named.js'
import { ivmdMalformed } from './acpi/ir228-ivmd-malformed.js'
import { rmrrRule } from './acpi/ir229-rmrr.js'
import { scopeWithoutDevice } from './acpi/ir230-scope-without-device.js'
import { remappingUnits } from './acpi/ir231-remapping-units.js'
import { descriptionsDisagree } from './acpi/ir290-descriptions-disagree.js'
import type { Rule } from './rule.js'

/** Rules about ACPI tables, in the order of their ids. */
export const acpiRules: readonly Rule[] = [
  tableDamaged,
  unknownStructure,
  danglingReference,
  nullReference,
  mappingLoop,
  smmuWithoutIts,
  itsNotInMadt,
  itsNotInIort,
  gicv2mUnderIts,
  requesterIdsUncovered,
  rangesOverlap,
  countOffByOne,
  singleMapping,
  idsCollide,
  offsetChanges,
  secondRootComplex,
  segmentWithoutRootComplex,
  ownMappingIndexRule,
  itsAmbiguous,
  reservedMemory,
  wrongTarget,
  smmuModel,
  noSmmu,
  dmarWithoutIntrRemap,
  ioApicInNoScope,
  ioApicNotInIvrs,
  southbridgeNotNamed,
  ivmdMalformed,
  rmrrRule,
  scopeWithoutDevice,
  remappingUnits,
  descriptionsDisagree,
]
