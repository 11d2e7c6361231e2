import type { SmmuNode, SmmuV3Node } from '../../machine/iort.js'
import { iortClause } from '../firmware-references.js'
import { functionsThrough } from '../present-ids.js'
import { iortRule, nodeSubject, nodeWords, type IortCase } from './iort-judgement.js'
import type { OutcomeItem } from '../rule.js'
import type { Judgement } from '../firmware-rule.js'

/** Highest model that the specification defines, and where the field is. */
const MODELS = {
  smmu: {
    highest: 5,
    offset: 32,
    linux: 'Linux does not drive an SMMUv1/v2 of a model it does not know: its devices wait for it in vain.',
  },
  smmuv3: {
    highest: 2,
    offset: 40,
    linux: 'Linux drives it as a generic SMMUv3, without the workarounds that the model may need.',
  },
} as const

function ofNode(at: IortCase, node: SmmuNode | SmmuV3Node): OutcomeItem {
  const { highest, offset, linux } = MODELS[node.type]
  const devices = functionsThrough(at, node)
  const model = String(node.model)
  const from = { path: at.path, at: { offset: node.offset + offset, length: 4 } }
  return {
    subject: nodeSubject(node),
    devices,
    message: 'undefined',
    details: { node: nodeWords(node), model, highest: String(highest) },
    linux,
    evidence: [{ from, value: `model ${model}` }],
    severity: node.type === 'smmu' ? 'high' : 'medium',
  }
}

function judge(at: IortCase): Judgement {
  const nodes = at.iort.nodes.filter((node) => node.type === 'smmu' || node.type === 'smmuv3')
  return {
    failed: nodes.filter((node) => node.model > MODELS[node.type].highest).map((node) => () => ofNode(at, node)),
    applicable: nodes.length > 0,
  }
}

export const smmuModel = iortRule({
  id: 'IR222',
  slug: 'smmu-model',
  title: 'An SMMU has a model that the specification does not define',
  severity: 'medium',
  effect: 'none',
  checks: 'The model fields of SMMUv1/v2 (0 to 5) and SMMUv3 (0 to 2) nodes.',
  why: 'The model selects the workarounds of the driver, and for SMMUv1/v2 whether there is a driver at all.',
  remedy: [{ actor: 'firmware', text: 'Use a model that the specification defines; 0 is the generic one.' }],
  limits: 'A newer specification may define more models.',
  references: [
    iortClause('SMMUv1/v2 and SMMUv3 nodes: model'),
    {
      kind: 'linux',
      title: 'Linux, SMMUv1/v2 driver',
      locator: 'drivers/iommu/arm/arm-smmu/arm-smmu.c: acpi_smmu_get_data',
    },
  ],
  messages: {
    undefined: 'The {node} has model {model}; the highest that is defined is {highest}{affects}.',
  },
  judge: judge,
})
