import { isEmptyListing, isOtherPrompt } from './shell-output.js'
import type { Place } from './told.js'
import type { ToldMachine } from './told-machine.js'

/** Members lie three directories below. */
const LISTS =
  /^(?:sudo )?(?:find \/sys\/kernel\/iommu_groups\/?(?: -type [dl]| -maxdepth [3-9]){0,3}|ls (?:-\w{1,8} ){0,3}\/sys\/kernel\/iommu_groups\/?)$/
const LOOP =
  /^(?:shopt -s nullglob; ?)?for \w{1,20} in [^;]{0,40}\/sys\/kernel\/iommu_groups\/\*(?:\/devices\/\*)?\/?[ ;)]/
/** What leaves something out of what a loop prints. */
const SEARCHES = /\b(?:e?grep|rg|awk|head|tail|cut|continue|break)\b|&&|\|\|/
/** Dots alone, or words, by which people say that they left lines out. */
export const LEFT_OUT =
  /^[^\w.\u2026]{0,16}(?:(?:\.{2}|\u2026)\W{0,16}$|(?:output |lines )?(?:snip|cut|skip|truncat|omit))/i
const NO_GROUPS = /^(?:find|ls): .{0,30}\/sys\/kernel\/iommu_groups\/?.{0,40}: No such file or directory$/
const NAME = /^[\w.:@+-]{1,100}$/
const DIGIT_OR_PARTS = /\d|\w[.:@]\w/
/** What a loop prints where it asks lspci of a device of the platform. */
const COMPLAINT = /^lspci: /

/** The names of devices of which a line consists, of PCI or of the platform (`fdd90000.vop`, `axi:gpu`); none of other lines. */
export function deviceNames(text: string): readonly string[] {
  const names = text.split(' ').filter((name) => name !== '')
  return names.every((name) => NAME.test(name) && DIGIT_OR_PARTS.test(name)) ? names : []
}

/** The loop that goes round, in one line. */
const isLoop = (command: string) => LOOP.test(command) && /done;?$/.test(command) && !SEARCHES.test(command)

/** Tells whether all groups were listed: by a command that lists every one, whose output is seen to begin and to end. */
export class WholeGroupList {
  private readonly machine: ToldMachine
  private readonly file: string
  /** What lists them, with the lines that it printed. */
  private open: { readonly place: Place; readonly isLoop: boolean; lines: number } | undefined

  constructor(machine: ToldMachine, file: string) {
    this.machine = machine
    this.file = file
  }

  /** A command was given at a prompt: what came before has ended. */
  command(command: string, line: number): void {
    this.end()
    const place = { file: this.file, line }
    const loop = isLoop(command)
    if (loop || LISTS.test(command)) this.open = { place, isLoop: loop, lines: 0 }
  }

  /** A line of the list. */
  taken(): void {
    if (this.open) this.open.lines++
  }

  /** A line of nobody's: something is left out there, or other words have begun, unless a loop prints such lines. */
  other(text: string, line: number): void {
    if (NO_GROUPS.test(text)) this.machine.allGroups ??= { file: this.file, line }
    if (isOtherPrompt(text)) this.end()
    const isPrinted =
      isEmptyListing(text) || (this.open?.isLoop === true && (deviceNames(text).length > 0 || COMPLAINT.test(text)))
    if (!isPrinted) this.open = undefined
  }

  /** Loops may print blank lines: they come to their end at the next prompt alone. */
  blank(): void {
    if (this.open && !this.open.isLoop && this.open.lines > 0) this.end()
  }

  private end(): void {
    if (this.open) this.machine.allGroups ??= this.open.place
    this.open = undefined
  }
}
