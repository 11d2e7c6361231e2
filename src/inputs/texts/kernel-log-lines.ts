import { readLine } from '../../kernel-log/line-prefix.js'
import { isSeparator } from '../../kernel-log/boots.js'
import { messageOf } from '../../kernel-log/messages.js'
import type { EvidenceLine } from '../../text/evidence-lines.js'
import { BootMessages } from './boot-messages.js'
import type { LineReader } from './line-reader.js'
import { toldByRefusal } from './refusal-messages.js'
import type { Place } from './told.js'
import type { ToldMachine } from './told-machine.js'

const VERSION = /^Linux version (\d{1,3}\.\d{1,3}[\w.+~-]{0,100}) /
const COMMAND_LINE = /^(?:Kernel command line|Command line): (.{1,4096})$/
const ARCHITECTURES: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:BIOS-e820: |e820: |tsc: |x86\/|x2apic|DMAR: |DMAR-IR: |dmar: |Intel-IOMMU: |PCI-DMA: |AMD-Vi: |ACPI: (?:DMAR|IVRS) |smpboot: |Hypervisor detected: |Enabled IRQ remapping|This system BIOS has enabled interrupt remapping|\[Firmware Bug\]: AMD-Vi: |pci [0-9a-f:.]{12}: AMD-Vi: )/,
    'x86_64',
  ],
  // Xen remaps interrupts on x86 alone: nowhere else it says whether it does.
  [/^\(XEN\) (?:Intel VT-d |AMD-Vi: |Interrupt remapping |VMX: |SVM: |ENABLING IO-APIC)/, 'x86_64'],
  [
    /^(?:GICv[2345]|ITS \[mem|CPU: All CPU\(s\) started at EL|arm-smmu|Booting Linux on physical CPU 0x[0-9a-f]{10} )/,
    'aarch64',
  ],
  [/^(?:SBI specification v\d|riscv: |riscv-imsic: |RISC-V ISA)/, 'riscv64'],
  [/^64-bit Loongson Processor probed/, 'loongarch64'],
  // With the numbers of messages that distributions add: K: arch/s390/pci/pci.c, arch/s390/kernel/setup.c.
  [/^(?:zpci(?:\.[0-9a-f]{6})?: |setup(?:\.[0-9a-f]{6})?: Linux is running )/, 's390x'],
]
const MOST_LINES = 200_000
/** So many lines with time stamps of the kernel are its log, whatever they say. */
const FEWEST_STAMPED = 2

/** A kernel log in whatever spelling, with what it says of functions, groups and the machine beside its own evidence. */
export class KernelLogLines implements LineReader {
  readonly kind = 'dmesg'
  used = 0
  total = 0
  /** Lines that have the kernel's own prefix. */
  private stamped = 0
  private readonly machine: ToldMachine
  private readonly file: string
  private readonly boot: BootMessages
  private readonly lines: string[] = []
  private readonly places: Place[] = []
  private place: Place | undefined
  private cut = false
  private architecture: string | undefined
  isOpen = false

  constructor(machine: ToldMachine, file: string) {
    this.machine = machine
    this.file = file
    this.boot = new BootMessages(machine)
  }

  line({ text, number, ended }: EvidenceLine): boolean {
    if (isSeparator(text)) return this.keep(text, number)
    const read = readLine(text)
    switch (read.kind) {
      case 'other':
        // QEMU's are in the journal of many machines.
        return this.keep(text, number, toldByRefusal(this.machine, text, { file: this.file, line: number }))
      case 'unknown':
        this.boot.interrupted()
        return this.isOpen && this.keep(text, number)
      case 'message':
      case 'unsigned': {
        const tells = this.facts(read.text, number)
        this.cut ||= !ended
        if (read.kind === 'message') this.stamped++
        return this.keep(text, number, tells || messageOf(read.text) !== undefined)
      }
      case 'bare':
        this.boot.interrupted()
        // Without time stamps a line is told by what it says.
        if (!this.facts(read.text, number) && messageOf(read.text) === undefined) return false
        this.cut ||= !ended
        return this.keep(text, number, true)
    }
  }

  /** Whether it is a log of the kernel: a line of it tells something, or lines look as the kernel's do. */
  get isLog(): boolean {
    return this.used > 0 || this.stamped >= FEWEST_STAMPED
  }

  blank(): void {
    this.isOpen = false
  }

  end(): void {
    this.isOpen = false
  }

  /** Hands the log over, all pieces of this text as one. */
  finish(): void {
    const place = this.place
    if (!place) return
    this.machine.log(this.file, this.lines, this.places)
    this.boot.finish(place)
    if (this.architecture !== undefined) this.machine.architecture(this.architecture, place)
  }

  private keep(text: string, number: number, tells = false): boolean {
    this.total++
    if (tells) this.used++
    this.isOpen = true
    this.place ??= { file: this.file, line: number }
    if (this.lines.length < MOST_LINES) {
      this.lines.push(text)
      this.places.push({ file: this.file, line: number })
    }
    return true
  }

  /** What a message says beside what the log is read for; true where it says something. */
  private facts(message: string, number: number): boolean {
    const place = { file: this.file, line: number }
    this.architecture ??= ARCHITECTURES.find(([pattern]) => pattern.test(message))?.[1]
    const version = VERSION.exec(message)
    if (version) {
      this.boot.hasStart = true
      this.machine.replace('proc/sys/kernel/osrelease', `${version[1] ?? ''}\n`, place)
      return true
    }
    const words = COMMAND_LINE.exec(message)
    if (words) {
      this.machine.replace('proc/cmdline', `${words[1] ?? ''}\n`, place)
      return true
    }
    const isRefusal = toldByRefusal(this.machine, message, place)
    return this.boot.message(message, place) || isRefusal
  }
}
