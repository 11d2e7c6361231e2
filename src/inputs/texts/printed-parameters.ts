import type { EvidenceLine } from '../../text/evidence-lines.js'
import type { LineReader } from './line-reader.js'
import type { Place } from './told.js'
import type { ToldMachine } from './told-machine.js'

/** `cat` or the like of one parameter. */
const PRINTS = /^(?:sudo )?(?:cat|head|more|less|tail) \/(sys\/module\/\w{1,60}\/parameters\/\w{1,60})$/
const PARAMETER = /^[\w,.:-]{1,80}$/

/** Module parameters that somebody printed at a prompt: the line after the command is the value. */
export class PrintedParameters implements LineReader {
  readonly kind = 'module parameters'
  used = 0
  private readonly machine: ToldMachine
  private readonly file: string
  private open: { readonly path: string; readonly place: Place } | undefined

  constructor(machine: ToldMachine, file: string) {
    this.machine = machine
    this.file = file
  }

  get isOpen(): boolean {
    return this.open !== undefined
  }

  /** A command was given at a prompt: what it prints follows. */
  command(command: string, line: number): void {
    const path = PRINTS.exec(command)?.[1]
    this.open = path === undefined ? undefined : { path, place: { file: this.file, line } }
  }

  line({ text, ended }: EvidenceLine): boolean {
    const { open } = this
    this.open = undefined
    // A line that was cut may lack its end.
    if (!open || !ended || !PARAMETER.test(text)) return false
    this.used++
    this.machine.file(open.path, `${text}\n`, open.place)
    return true
  }

  blank(): void {
    this.open = undefined
  }

  end(): void {
    this.open = undefined
  }
}
