// The changes that are made to a source file, all of them compiled into one text: where a change may be made stands
// `(__mutant(17) ? changed : as it was)`, so that a process that loaded the text once can play every mutant of it.
import { parseAst } from 'vitest/node'

/**
 * @typedef {{ readonly line: number, readonly kind: string, readonly was: string, readonly becomes: string }} Mutant
 * @typedef {Record<string, any> & { readonly type: string, readonly start: number, readonly end: number }} Node
 */

const COMPARISONS = { '<': '<=', '<=': '<', '>': '>=', '>=': '>', '===': '!==', '!==': '===' }
const ARITHMETIC = {
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '&': '|',
  '|': '&',
  '^': '&',
  '<<': '>>',
  '>>': '<<',
  '>>>': '<<',
}
const ASSIGNMENTS = { '+=': '-=', '-=': '+=', '|=': '&=', '&=': '|=', '<<=': '>>=', '>>=': '<<=' }
const METHODS = {
  some: 'every',
  every: 'some',
  min: 'max',
  max: 'min',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  // A copy of the list as it is.
  filter: 'slice',
  toSorted: 'slice',
  sort: 'slice',
  toReversed: 'slice',
}
/** What TypeScript wraps around an expression; every other of its nodes is a type, in which nothing can be got wrong. */
const WRAPPERS = new Set(['TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression'])
/** Fields of a rule that hold words for people. */
const WORDS = new Set(['id', 'slug', 'title', 'checks', 'why', 'limits', 'words', 'source', 'references'])
const isText = (/** @type {Node} */ node) =>
  node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node.value === 'string')

/**
 * The text of a module with every mutant of it compiled in, and the mutants in the order of their numbers.
 * @param {string} text TypeScript
 * @param {number} first the number of its first mutant
 * @returns {{ readonly text: string, readonly mutants: readonly Mutant[] }}
 */
export function withMutants(text, first) {
  /** @type {Mutant[]} */
  const mutants = []
  const slice = (/** @type {Node} */ node) => text.slice(node.start, node.end)

  /** @param {Node} node @param {string} kind @param {string} becomes */
  const numberOf = (node, kind, becomes) => {
    const line = text.slice(0, node.start).split('\n').length
    return mutants.push({ line, kind, was: slice(node), becomes }) + first - 1
  }

  /**
   * What an expression is changed into, each with its kind.
   * @param {Node} node @param {Node} parent @param {string} key under which the parent has it
   * @returns {Generator<readonly [string, string]>}
   */
  function* changesOf(node, parent, key) {
    const isCondition = key === 'test' && parent.type !== 'SwitchCase'
    if (isCondition && parent.type !== 'ForStatement' && parent.type !== 'WhileStatement') yield ['condition', 'true']
    if (isCondition) yield ['condition', 'false']
    if (node.type === 'BinaryExpression') {
      const sides = [`(${slice(node.left)})`, `(${slice(node.right)})`]
      const isConcatenation = node.operator === '+' && [node.left, node.right].some(isText)
      const compared = isCondition && ['===', '!=='].includes(node.operator) ? undefined : COMPARISONS[node.operator]
      const other = compared ?? (isConcatenation ? undefined : ARITHMETIC[node.operator])
      if (other !== undefined) yield ['operator', sides.join(` ${other} `)]
    }
    if (node.type === 'LogicalExpression')
      yield* [
        ['operand', slice(node.left)],
        ['operand', slice(node.right)],
      ]
    if (node.type === 'UnaryExpression' && '!-~'.includes(node.operator)) yield ['unary', slice(node.argument)]
    if (node.type === 'AssignmentExpression' && node.operator in ASSIGNMENTS)
      yield ['operator', `${slice(node.left)} ${ASSIGNMENTS[node.operator]} ${slice(node.right)}`]
    if (node.type === 'Literal' && typeof node.value === 'boolean') yield ['literal', String(!node.value)]
    if (node.type === 'Literal' && typeof node.value === 'number') yield ['literal', `${node.value + 1}`]
    if (node.type === 'Literal' && typeof node.value === 'bigint') yield ['literal', `${node.value + 1n}n`]
    if (node.type === 'Literal' && typeof node.value === 'string' && /^[\w-]+$/.test(node.value))
      yield ['literal', "'mutant'"]
    if (node.type === 'ArrayExpression' && node.elements.length > 0) yield ['literal', '[]']
  }

  /**
   * A case that does nothing but leave a switch in which what has no case does the same.
   * @param {Node} node @param {Node} parent
   */
  const leavesAsOthers = (node, parent) => {
    const hasDefault = (/** @type {Node[]} */ cases) => cases.some(({ test }) => test === null)
    if (node.type !== 'SwitchCase' || hasDefault(parent.cases)) return false
    const [first] = parent.cases.slice(parent.cases.indexOf(node)).flatMap(({ consequent }) => consequent)
    return first.type === 'BreakStatement'
  }

  /** @param {Node} node @param {Node} parent @returns {boolean} whether nothing in it is changed */
  const isLeftAlone = (node, parent) =>
    leavesAsOthers(node, parent) ||
    (node.type.startsWith('TS') && !WRAPPERS.has(node.type)) ||
    node.type === 'ImportDeclaration' ||
    node.type === 'ImportExpression' ||
    ((node.type === 'Property' || node.type === 'PropertyDefinition') && WORDS.has(node.key.name))

  /** @param {Node} node @param {Node} parent @param {string} key @returns {string} */
  function textOf(node, parent, key) {
    if (isLeftAlone(node, parent)) return slice(node)
    const isName = (key === 'key' || key === 'property') && parent.computed !== true
    if (isName) {
      const other = key === 'property' ? METHODS[node.name] : undefined
      const isCalled = other !== undefined && Object.hasOwn(METHODS, node.name)
      return isCalled ? `[__mutant(${numberOf(node, 'method', other)}) ? '${other}' : '${node.name}']` : slice(node)
    }
    /** @type {(readonly [string, number])[]} */
    const changes = [...changesOf(node, parent, key)].map(([kind, becomes]) => [becomes, numberOf(node, kind, becomes)])
    let inside = ''
    let at = node.start
    for (const [child, under] of childrenOf(node)) {
      const own = textOf(child, node, under)
      // `a.b` becomes `a['b']` where the name of a method is changed, `a?.b` becomes `a?.['b']`.
      const before = text.slice(at, child.start)
      inside += own.startsWith('[__mutant') ? before.replace(/(?<!\?)\.\s*$/, '') + own : before + own
      at = child.end
    }
    inside += text.slice(at, node.end)
    if (node.type === 'ExpressionStatement' && typeof node.directive !== 'string')
      return `{ if (!__mutant(${numberOf(node, 'dropped', '')})) { ;${inside}\n} }`
    const leaves = node.type === 'ContinueStatement' || node.type === 'BreakStatement'
    const leavesEarly = node.type === 'ReturnStatement' && parent.type === 'IfStatement'
    if (leaves || leavesEarly) return `{ if (!__mutant(${numberOf(node, 'dropped', '')})) ${inside}\n }`
    for (const [becomes, number] of changes) inside = `(__mutant(${number}) ? ${becomes} : ${inside})`
    return inside
  }

  const { body } = parseAst(text, { lang: 'ts' })
  let out = ''
  let at = 0
  for (const node of body) {
    out += text.slice(at, node.start) + textOf(node, { type: 'Program', start: 0, end: text.length }, 'body')
    at = node.end
  }
  return { text: out + text.slice(at), mutants }
}

/** @param {Node} node @returns {readonly (readonly [Node, string])[]} with the keys that hold them, in their order */
function childrenOf(node) {
  const isNode = (/** @type {unknown} */ value) => typeof value?.type === 'string'
  return Object.entries(node)
    .flatMap(([key, value]) =>
      [value]
        .flat()
        .filter(isNode)
        .map((child) => [child, key]),
    )
    .filter(([, key], index, all) => key !== 'value' || node.shorthand !== true || all[index - 1]?.[1] !== 'key')
    .sort(([one], [other]) => one.start - other.start)
}
