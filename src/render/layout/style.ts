import { Chalk, type ChalkInstance } from 'chalk'
import type { Verdict } from '../../report/types.js'
import type { ColorLevel } from '../types.js'

/** The only place of colour. Colour repeats what words and signs say, it never says anything alone. */
export interface Style {
  verdict(verdict: Verdict, text: string): string
  heading(text: string): string
  quiet(text: string): string
}

/** The style of a colour level; level 0 leaves every text as it is. */
export function styleOf(level: ColorLevel): Style {
  const chalk = new Chalk({ level })
  const colors: Record<Verdict, ChalkInstance> = {
    'not-isolated': chalk.red.bold,
    unknown: chalk.yellow.bold,
    'isolated-with-caveats': chalk.yellow,
    isolated: chalk.green,
  }
  return {
    verdict: (verdict, text) => colors[verdict](text),
    heading: (text) => chalk.bold(text),
    quiet: (text) => chalk.dim(text),
  }
}
