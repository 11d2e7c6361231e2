import { ANY, parsePattern, type Characters, type Pattern } from './pattern-syntax.js'

/** Repetitions that count as bounded: what they multiply is a constant. */
const FEW = 64

interface Edge {
  readonly to: number
  /** Absent for a step that takes nothing. */
  readonly characters?: Characters
  /** May fail, as `$` does. */
  readonly asserted?: boolean
  /** Only from the start of the text. */
  readonly start?: boolean
}

const isVariable = (pattern: Pattern): boolean => {
  switch (pattern.kind) {
    case 'atom':
    case 'assertion':
      return false
    case 'repeat':
      return pattern.least !== pattern.most || isVariable(pattern.body)
    case 'sequence':
    case 'choice':
      return pattern.parts.some(isVariable)
  }
}

const hasLoop = (pattern: Pattern): boolean => {
  switch (pattern.kind) {
    case 'atom':
      return false
    case 'assertion':
      return pattern.body !== undefined && hasLoop(pattern.body)
    case 'repeat':
      return pattern.most > FEW || hasLoop(pattern.body)
    case 'sequence':
    case 'choice':
      return pattern.parts.some(hasLoop)
  }
}

/** A pattern as an automaton with steps that take nothing. */
class Automaton {
  readonly edges: Edge[][] = []
  /** A look ahead or behind that runs as far as the text does, at every place where it stands. */
  looksFar = false

  node(): number {
    return this.edges.push([]) - 1
  }

  #step(from: number, to: number, more: Omit<Edge, 'to'> = {}): number {
    this.edges[from]?.push({ to, ...more })
    return to
  }

  /** Adds `pattern` behind `from`; the node where it ends. */
  add(pattern: Pattern, from: number): number {
    switch (pattern.kind) {
      case 'atom':
        return this.#step(from, this.node(), { characters: pattern.characters })
      case 'assertion':
        this.looksFar ||= hasLoop(pattern)
        return this.#step(from, this.node(), { asserted: true, start: pattern.start })
      case 'sequence':
        return pattern.parts.reduce((at, part) => this.add(part, at), from)
      case 'choice': {
        const end = this.node()
        for (const part of pattern.parts) this.#step(this.add(part, this.#step(from, this.node())), end)
        return end
      }
      case 'repeat':
        return this.#repeat(pattern, from)
    }
  }

  #repeat({ body, least, most }: Extract<Pattern, { kind: 'repeat' }>, from: number): number {
    const loops = most > FEW || (most > 1 && isVariable(body))
    let at = from
    const end = this.node()
    for (let copy = 0; copy < Math.min(least, 2); copy++) at = this.add(body, at)
    if (loops) {
      const entry = this.#step(at, this.node())
      this.#step(this.add(body, this.#step(entry, this.node())), entry)
      this.#step(entry, end)
      return end
    }
    for (let copy = least; copy < Math.min(most, least + 2); copy++) {
      this.#step(at, end)
      at = this.add(body, at)
    }
    this.#step(at, end)
    return end
  }
}

interface Move {
  readonly to: number
  readonly characters: Characters
}

/** The automaton without empty steps, as far as ambiguity needs it. */
class Moves {
  readonly #automaton: Automaton
  readonly #accept: number
  readonly #moves = new Map<number, readonly Move[]>()
  readonly #safe = new Map<number, boolean>()

  constructor(automaton: Automaton, accept: number) {
    this.#automaton = automaton
    this.#accept = accept
  }

  /** Moves from `node`; one that two empty ways lead to stands there twice. */
  of(node: number, atStart = false): readonly Move[] {
    const known = this.#moves.get(node)
    if (known) return known
    const found: Move[] = []
    let safe = false
    const visit = (at: number, way: ReadonlySet<number>, asserted: boolean): void => {
      if (at === this.#accept && !asserted) safe = true
      if (found.length > 2000) throw new Error('too many moves')
      for (const edge of this.#automaton.edges[at] ?? []) {
        if (edge.characters) found.push({ to: edge.to, characters: edge.characters })
        else if (!way.has(edge.to) && (edge.start !== true || atStart))
          visit(edge.to, new Set([...way, edge.to]), asserted || edge.asserted === true)
      }
    }
    visit(node, new Set([node]), false)
    this.#moves.set(node, found)
    this.#safe.set(node, safe)
    return found
  }

  /** Whether the match is certain once `node` is reached: what is ambiguous behind it is never tried again. */
  isSafe(node: number): boolean {
    this.of(node)
    return this.#safe.get(node) ?? false
  }
}

const meet = (...sets: readonly Characters[]): boolean => {
  const [first = ANY, ...others] = sets
  for (const character of first) if (others.every((set) => set.has(character))) return true
  return false
}

/** All nodes that a text leads to from `from`. */
function reachable(moves: Moves, from: number): ReadonlySet<number> {
  const seen = new Set<number>()
  const waiting = [from]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const { to } of moves.of(at)) {
      if (seen.has(to)) continue
      seen.add(to)
      waiting.push(to)
    }
  }
  return seen
}

/** Whether two ways lead over one text from `loop` back to it: each repetition doubles what is tried. */
function doubles(moves: Moves, loop: number): boolean {
  const seen = new Set<string>()
  const waiting: [number, number, boolean][] = [[loop, loop, false]]
  for (let at = waiting.pop(); at; at = waiting.pop()) {
    const [left, right, apart] = at
    for (const [index, one] of moves.of(left).entries()) {
      for (const [other, two] of moves.of(right).entries()) {
        if (!meet(one.characters, two.characters)) continue
        const nowApart = apart || one.to !== two.to || (left === right && index !== other)
        if (nowApart && one.to === loop && two.to === loop) return true
        const key = `${one.to} ${two.to} ${nowApart}`
        if (seen.has(key)) continue
        seen.add(key)
        waiting.push([one.to, two.to, nowApart])
      }
    }
  }
  return false
}

/** Whether one text leads from `first` to itself and on to `second`, and from `second` to itself: a square of steps. */
function squares(moves: Moves, first: number, second: number): boolean {
  const seen = new Set<string>()
  const waiting: [number, number, number][] = [[first, first, second]]
  for (let at = waiting.pop(); at; at = waiting.pop()) {
    for (const one of moves.of(at[0])) {
      for (const two of moves.of(at[1])) {
        if (!meet(one.characters, two.characters)) continue
        for (const three of moves.of(at[2])) {
          if (!meet(one.characters, two.characters, three.characters)) continue
          if (one.to === first && two.to === second && three.to === second) return true
          const key = `${one.to} ${two.to} ${three.to}`
          if (seen.has(key)) continue
          seen.add(key)
          waiting.push([one.to, two.to, three.to])
        }
      }
    }
  }
  return false
}

/**
 * Why a backtracking matcher may take more than linearly many steps for a text; undefined where it cannot. A pattern is
 * linear when no text leads through it in two ways that both go on (Weideman and others, "Analyzing matching time
 * behavior of backtracking regular expression matchers"): the search from every place of the text counts as a loop before
 * the pattern. Conservative: some linear patterns are refused.
 */
export function whyNotLinear(source: string, flags: string): string | undefined {
  const automaton = new Automaton()
  const before = automaton.node()
  const start = automaton.node()
  const pattern = parsePattern(source, flags)
  const accept = automaton.add(pattern, start)
  if (automaton.looksFar) return 'it looks ahead or behind without a bound'
  automaton.edges[before]?.push({ to: start })
  const moves = new Moves(automaton, accept)
  moves.of(start, true)
  if (!flags.includes('y')) automaton.edges[before]?.push({ to: before, characters: ANY })
  const nodes = new Set([...reachable(moves, before), ...reachable(moves, start)])
  const loops = [...nodes].filter((node) => reachable(moves, node).has(node))
  for (const loop of loops) {
    if (loop !== before && !moves.isSafe(loop) && doubles(moves, loop)) return 'a repetition can be read in two ways'
  }
  for (const first of loops) {
    for (const second of loops) {
      if (first === second || moves.isSafe(second)) continue
      if (squares(moves, first, second)) {
        return first === before ? 'it is tried from every place, far' : 'two repetitions can share a text'
      }
    }
  }
  return undefined
}
