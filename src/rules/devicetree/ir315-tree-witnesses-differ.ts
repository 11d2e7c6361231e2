import { placeOfNode, placeOfProperty, type TreeDisagreement } from '../../machine/devicetree.js'
import { treeRule, type TreeCase } from './devicetree-judgement.js'
import { linuxOf } from '../firmware-references.js'
import type { OutcomeItem } from '../rule.js'

function item(at: TreeCase, { path, property, kind, witness }: TreeDisagreement): OutcomeItem {
  const node = at.tree.byPath.get(path) ?? at.tree.root
  const here = property === undefined ? placeOfNode(node) : placeOfProperty(node, property)
  return {
    subject: path,
    devices: [],
    message: property === undefined ? 'node' : kind,
    details: { node: path, property: property ?? '' },
    linux: 'Linux goes by the running tree.',
    evidence: [
      { from: here, value: kind === 'missing' ? 'not there' : 'other bytes' },
      { from: witness, value: `${path}${property === undefined ? '' : ` ${property}`}` },
    ],
    severity: kind === 'missing' ? 'medium' : 'low',
  }
}

export const treeWitnessesDiffer = treeRule({
  id: 'IR315',
  slug: 'tree-witnesses-differ',
  title: 'The running device tree is not the one the machine booted with',
  severity: 'medium',
  effect: 'none',
  checks:
    'Nodes and the properties that decide about IOMMUs and MSIs in the directory of the running kernel, against the blob it booted with.',
  why: 'Linux adds to the tree and rewrites a few properties, but takes nothing away that matters here. What the directory lacks was lost on the way to this report, or an overlay changed the machine; what it says there is not believed.',
  remedy: [
    { actor: 'configuration', text: 'Take the capture again, and look for overlays that are loaded at run time.' },
  ],
  limits: 'Only root can read the blob. What an overlay added is not compared, nor are /chosen and the memory nodes.',
  references: [linuxOf('drivers/of/fdt.c: of_fdt_raw_init'), linuxOf('drivers/of/kobj.c: __of_attach_node_sysfs')],
  messages: {
    node: 'The node {node} is in the boot blob and not in the running tree.',
    missing: 'The property {property} of {node} is in the boot blob and not in the running tree.',
    differs: 'The property {property} of {node} has other bytes in the running tree than in the boot blob.',
  },
  judge: (at) => {
    const { disagreements = [] } = at.tree
    // The directory, and the blob beside it.
    const compared = at.machine.deviceTree.from.length > 1
    return {
      failed: disagreements.map((disagreement) => item(at, disagreement)),
      applicable: compared || disagreements.length > 0,
    }
  },
})
