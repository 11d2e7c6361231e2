import type { Provenance } from '../machine/fact.js'
import type { Machine } from '../machine/machine.js'
import type { RouteMap } from '../routes/route.js'
import type { Severity } from './severity.js'
import type { Reason } from './verdict.js'

export type { Severity } from './severity.js'

export type Actor = 'hardware' | 'firmware' | 'kernel' | 'configuration'
/** What a rule that does not pass does to the verdict of the functions it names. */
export type Effect = 'not-isolated' | 'caveat' | 'none'
export type Scope = 'machine' | 'group' | 'device' | 'firmware'

/** What a machine is, as far as it decides which step can be taken there. */
export type MachineKind = 'guest' | 'x86' | 'arm-acpi' | 'devicetree'

/** Of the remedies that are for the machine and the message, the first that answers the fault is given. */
export interface Remedy {
  readonly actor: Actor
  /** One imperative sentence. Never a step that weakens the host. */
  readonly text: string
  /** Whose fault it answers, as the outcome names them; the actor's own when left out. */
  readonly faults?: readonly Actor[]
  /** Only on such machines; on all when left out. */
  readonly machines?: readonly MachineKind[]
  /** Only with these keys of `messages`; with all of what failed when left out. */
  readonly messages?: readonly string[]
  /** The remedy of a cause, with its placeholders: listed on the rule's page, given only with that cause. */
  readonly ofCause?: true
}
/**
 * What it is that one can read: a rule of the Arm Base System Architecture, by the name that its compliance suite has; a
 * clause of another specification; a binding of the device tree; code or documents of Linux; code of other programs.
 */
export const REFERENCE_KINDS = ['bsa-rule', 'specification', 'binding', 'manual', 'linux', 'source'] as const
export type ReferenceKind = (typeof REFERENCE_KINDS)[number]

export interface Reference {
  readonly kind: ReferenceKind
  readonly title: string
  /** A section, function or address where it can be read. */
  readonly locator: string
}

/** A piece of evidence of an outcome: where it was read, and what it says. */
export interface Evidence {
  readonly from: Provenance
  readonly value: string
}

/** A cause as it was found, in words. */
export interface FoundCause {
  readonly id: string
  readonly actor: Actor
  /** A clause, as `Cause.summary` in causes/cause.ts is. */
  readonly summary: string
  readonly remedy: string
  readonly lasting: boolean
  readonly covers: readonly string[]
  readonly evidence: readonly Evidence[]
  readonly references: readonly Reference[]
}

/** One result of a rule: on which subject, with which evidence. Words are made by the renderers. */
export interface OutcomeItem {
  /** PCI address, group id (`group 4`), node offset or path. */
  readonly subject: string
  /** Addresses of the functions whose verdict the effect touches; empty touches none. */
  readonly devices: readonly string[]
  /** Fills the placeholders of `messages`; text from the machine goes here only. */
  readonly details: Readonly<Record<string, string>> & { readonly linux?: never }
  /** What Linux makes of it on the release asked about: a sentence, or several. */
  readonly linux?: string
  /** Key into `messages`. */
  readonly message: string
  readonly evidence: readonly Evidence[]
  /** Lowers or raises the rule's severity for this item. */
  readonly severity?: Severity
  /** In place of the rule's effect for this item. */
  readonly effect?: Effect
  readonly actor?: Actor
  /** The clause of the table or node at hand, before the rule's own references. */
  readonly references?: readonly Reference[]
  /** Why something is missing, for all of `devices` together; its remedy stands in place of the rule's. */
  readonly cause?: FoundCause
  /** The same for each of `devices` by itself. */
  readonly causes?: ReadonlyMap<string, FoundCause>
  /** Who shares ids: of those who share, and of the same functions, the first rule tells and the others are silent. */
  readonly shares?: SharedIds
}

/** Owners of ids that are the same in one space, by their keys in the map of ids. */
export interface SharedIds {
  readonly space: string
  readonly owners: readonly string[]
}

/**
 * `pass` and `not-applicable` say so for the whole machine; otherwise each failing or unknowable subject is an item. A
 * rule answers for every subject in one call: hazards such as a shared DeviceID are about pairs.
 */
export interface Outcome {
  readonly failed: readonly OutcomeItem[]
  readonly unknown: readonly OutcomeItem[]
  /** False when the machine has nothing the rule is about. */
  readonly applicable: boolean
}

/** What a check may look at. */
export interface Subject {
  readonly machine: Machine
  readonly routes: RouteMap
}

export type OutcomeKind = 'pass' | 'fail' | 'unknown' | 'not-applicable'

export interface Rule {
  /** IR0xx machine and configuration, IR1xx routes and devices, IR2xx ACPI, IR3xx device tree. Never reused. */
  readonly id: `IR${number}`
  readonly slug: string
  readonly title: string
  readonly scope: Scope
  readonly severity: Severity
  readonly effect: Effect
  /** The reason a not-isolated or unknown verdict gets from this rule; only with effect `not-isolated`. */
  readonly reason?: Reason
  /** What is looked at. */
  readonly checks: string
  /** Why it matters: what a guest or a device can then do. */
  readonly why: string
  readonly remedy: readonly Remedy[]
  /** What the rule cannot see. */
  readonly limits: string
  readonly references: readonly Reference[]
  /** Outcomes the rule can have; a test demands a machine for each. */
  readonly outcomes: readonly OutcomeKind[]
  /** Sentence templates with {placeholders}, by message key. */
  readonly messages: Readonly<Record<string, string>>
  check(subject: Subject): Outcome
}

export const NOT_APPLICABLE: Outcome = { failed: [], unknown: [], applicable: false }
export const PASS: Outcome = { failed: [], unknown: [], applicable: true }
