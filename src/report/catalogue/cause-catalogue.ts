import type { CauseFamily } from '../../rules/causes/cause.js'
import { CAUSES, causesOf } from '../../rules/causes/registry.js'
import type { Actor, Reference } from '../../rules/rule.js'

/** What is published of one cause: its data without the decision. */
export interface CauseDescription {
  readonly id: string
  readonly family: CauseFamily
  readonly actor: Actor
  readonly title: string
  readonly decidedBy: string
  readonly remedy: string
  readonly lasting: boolean
  readonly references: readonly Reference[]
}

export interface CauseCatalogue {
  readonly causes: readonly CauseDescription[]
}

const isFamily = (name: string): name is CauseFamily => name in CAUSES

/** The causes as data that can be printed, in the order in which they are asked. */
export function causeCatalogue(): CauseCatalogue {
  const causes = Object.keys(CAUSES)
    .filter(isFamily)
    .flatMap((family) =>
      causesOf(family).map(({ id, actor, title, decidedBy, remedy, lasting = false, references }) => ({
        id,
        family,
        actor,
        title,
        decidedBy,
        remedy,
        lasting,
        references,
      })),
    )
  return { causes }
}
