import { isEmptyListing, isOtherPrompt } from './shell-output.js'
import type { ToldMachine } from './told-machine.js'
import type { Place } from './told.js'

const LISTS = /^(?:sudo )?ls (?:-\w{1,8} ){0,3}\/sys\/class\/iommu\/?$/
/** Kernels without any IOMMU driver have no such class (K: drivers/iommu/iommu-sysfs.c, iommu_dev_init). */
const NO_CLASS = /^ls: .{0,30}\/sys\/class\/iommu\/?.{0,40}: No such file or directory$/

/**
 * A list of the IOMMUs that are driven, without any name in it: that none is driven. It has to be seen to begin and to end,
 * from one prompt to the next; names alone tell too little of an IOMMU.
 */
export class IommuClassList {
  private readonly machine: ToldMachine
  private readonly file: string
  private open: Place | undefined
  used = 0

  constructor(machine: ToldMachine, file: string) {
    this.machine = machine
    this.file = file
  }

  get isOpen(): boolean {
    return this.open !== undefined
  }

  /** A command was given at a prompt: what came before has ended. */
  command(command: string, line: number): void {
    this.end()
    if (LISTS.test(command)) this.open = { file: this.file, line }
  }

  /** Any other line, whoever takes it. */
  line(text: string): void {
    if (isEmptyListing(text)) return
    if (NO_CLASS.test(text) || isOtherPrompt(text)) this.end()
    this.open = undefined
  }

  private end(): void {
    if (!this.open) return
    this.used++
    this.machine.noIommuDriven ??= this.open
    this.open = undefined
  }
}
