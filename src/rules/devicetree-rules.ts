import { mapTargetNoController } from './devicetree/ir301-map-target-no-controller.js'
import { mapTargetDisabled } from './devicetree/ir302-map-target-disabled.js'
import { mapMalformed } from './devicetree/ir303-map-malformed.js'
import { maskCollapsesIds, masksDiffer } from './ids/ir304-ir305-ids-masked.js'
import { treeRequesterIdsUncovered } from './ids/ir210-ir306-ids-uncovered.js'
import { msiParentWithoutEffect } from './devicetree/ir307-msi-parent-without-effect.js'
import { gicv2mNotFirstFrame } from './devicetree/ir308-gicv2m-not-first-frame.js'
import { treePreIts } from './devicetree/ir309-tree-pre-its.js'
import { itsNotMsiController } from './devicetree/ir310-its-not-msi-controller.js'
import { privateReceiverBesideIts } from './devicetree/ir311-private-receiver-beside-its.js'
import { mapRangesOverlap } from './ids/ir211-ir312-ranges-overlap.js'
import { treeIdsCollide } from './ids/ir214-ir313-ids-collide.js'
import { mapLength } from './ids/ir212-ir314-counts.js'
import { treeWitnessesDiffer } from './devicetree/ir315-tree-witnesses-differ.js'
import { propertyMalformed } from './devicetree/ir317-property-malformed.js'
import { treeOffsetChanges } from './ids/ir215-ir316-offset-changes.js'
import { mapsDisagree } from './ids/ir390-maps-disagree.js'
import type { Rule } from './rule.js'

/** Rules about device trees, in the order of their ids. */
export const deviceTreeRules: readonly Rule[] = [
  mapTargetNoController,
  mapTargetDisabled,
  mapMalformed,
  maskCollapsesIds,
  masksDiffer,
  treeRequesterIdsUncovered,
  msiParentWithoutEffect,
  gicv2mNotFirstFrame,
  treePreIts,
  itsNotMsiController,
  privateReceiverBesideIts,
  mapRangesOverlap,
  treeIdsCollide,
  mapLength,
  treeWitnessesDiffer,
  treeOffsetChanges,
  propertyMalformed,
  mapsDisagree,
]
