import type { EvidenceLine } from '../../text/evidence-lines.js'
import type { LineReader } from './line-reader.js'
import type { Place } from './told.js'
import type { ToldMachine } from './told-machine.js'

const OPTION = /^(?:CONFIG_[A-Z0-9_]{1,100}=.{1,4096}|# CONFIG_[A-Z0-9_]{1,100} is not set)$/
/** The kernel's own first lines, and what `zgrep` puts before a match. */
const COMMENT = /^#(?: |$)/
const FOUND_IN = /^[\w./-]{1,200}:(?:\d{1,7}:)?(?=CONFIG_|# CONFIG_)/
const ARCHITECTURE = /^# Linux\/(\w{1,20}) (\d{1,3}\.\d{1,3}[\w.+~-]{0,100}) Kernel Configuration$/
const MOST_OPTIONS = 50_000
/** Architectures as kernel configurations call them. */
const MACHINES: ReadonlyMap<string, string> = new Map([
  ['x86', 'x86_64'],
  ['x86_64', 'x86_64'],
  ['arm64', 'aarch64'],
  ['riscv', 'riscv64'],
  ['s390', 's390x'],
  ['powerpc', 'ppc64'],
  ['loongarch', 'loongarch64'],
])

/** A kernel configuration, whole or as lines that somebody searched for. */
export class ConfigurationLines implements LineReader {
  readonly kind = 'kernel configuration'
  used = 0
  isOpen = false
  private readonly machine: ToldMachine
  private readonly file: string
  private place: Place | undefined
  private readonly options: string[] = []

  constructor(machine: ToldMachine, file: string) {
    this.machine = machine
    this.file = file
  }

  line({ text: shown, number }: EvidenceLine): boolean {
    const place = { file: this.file, line: number }
    // Markdown's escape, and its marks of bold text.
    const text = shown.replace(/^\\(?=#)/, '').replace(/^\*{2}(.{1,400})\*{2}$/, '$1')
    const title = ARCHITECTURE.exec(text)
    if (title) {
      const machine = MACHINES.get(title[1] ?? '')
      if (machine !== undefined) this.machine.architecture(machine, place)
      this.machine.configurationTitles.push({ release: title[2] ?? '', place })
      this.isOpen = true
      return true
    }
    const option = text.replace(FOUND_IN, '')
    if (!OPTION.test(option)) return this.isOpen && COMMENT.test(text)
    this.place ??= place
    this.isOpen = true
    this.used++
    if (this.options.length < MOST_OPTIONS) this.options.push(option)
    return true
  }

  blank(): void {
    // A configuration is full of them.
  }

  end(): void {
    this.isOpen = false
  }

  finish(): void {
    if (this.place) this.machine.configuration(this.options, this.place)
  }
}

const WORDS = /^(?:BOOT_IMAGE=|initrd=|root=|ro |rw |quiet |console=)/
const PARAMETER = /(?:^| )(?:root=|BOOT_IMAGE=|intel_iommu=|amd_iommu=|iommu=|intremap=|console=tty)/

/** `/proc/cmdline`: one line. */
export class CommandLineWords implements LineReader {
  readonly kind = '/proc/cmdline'
  used = 0
  readonly isOpen = false
  private readonly machine: ToldMachine
  private readonly file: string
  /** The line follows a command that prints it. */
  private asked = false

  constructor(machine: ToldMachine, file: string) {
    this.machine = machine
    this.file = file
  }

  /** A command was given at a prompt. */
  command(command: string): void {
    this.asked = command.endsWith('/proc/cmdline')
  }

  line({ text, number }: EvidenceLine): boolean {
    const start = text.slice(0, 8192)
    const isOne = this.asked ? /^[!-~]/.test(start) : WORDS.test(start) && PARAMETER.test(start) && start.includes('=')
    this.asked = false
    if (!isOne || text.length > 8192) return false
    this.used++
    this.machine.file('proc/cmdline', `${text}\n`, { file: this.file, line: number })
    return true
  }

  blank(): void {
    // Nothing is open.
  }

  end(): void {
    // Nothing is open.
  }
}
