import type { EvidenceLine } from '../../text/evidence-lines.js'
import type { LineReader } from './line-reader.js'
import type { ToldMachine } from './told-machine.js'

/** What `uname -a` prints. */
const WHOLE =
  /^Linux [\w.-]{1,64} (\d{1,3}\.\d{1,3}[\w.+~-]{0,100}) .{0,120} (x86_64|i686|aarch64|armv[678]l|riscv64|loongarch64|ppc64(?:le)?|s390x)(?: |$)/
/** What `uname -r`, with `-m` beside it, prints. */
const ASKED = /^uname -(?:r|mr|rm)$/
const ANSWER =
  /^(\d{1,3}\.\d{1,3}[\w.+~-]{0,100})(?: (x86_64|i686|aarch64|armv[678]l|riscv64|loongarch64|ppc64(?:le)?|s390x))?$/
/** A line of hostnamectl. */
const HOSTNAMECTL = /^Kernel: {1,4}Linux (\d{1,3}\.\d{1,3}[\w.+~-]{0,100})$/
/** The first line of `pveversion`, with and without `-v`. */
const PROXMOX = /^(?:pve-manager\/|proxmox-ve: )[\w./~+-]{1,80} \(running kernel: (\d{1,3}\.\d{1,3}[\w.+~-]{0,100})\)$/
/** The first line of `lscpu`. */
const ARCHITECTURE = /^Architecture: {1,40}(x86_64|aarch64|riscv64|loongarch64|ppc64(?:le)?|s390x)$/

/** Release and architecture of the kernel that runs, as programs print them which people name it with. */
export class SystemName implements LineReader {
  readonly kind = 'uname'
  used = 0
  private readonly machine: ToldMachine
  private readonly file: string
  /** The line follows a command that prints the release alone. */
  private asked = false

  constructor(machine: ToldMachine, file: string) {
    this.machine = machine
    this.file = file
  }

  get isOpen(): boolean {
    return this.asked
  }

  /** A command was given at a prompt. */
  command(command: string): void {
    this.asked = ASKED.test(command)
  }

  line({ text, number, ended }: EvidenceLine): boolean {
    const isAnswer = this.asked
    this.asked = false
    const start = text.slice(0, 400)
    const processor = ARCHITECTURE.exec(start)?.[1]
    if (processor !== undefined) return this.tell(undefined, processor, number)
    // A release at the end of a line that was cut may lack its end: 6.1 is another one than 6.12.
    const alone = ended ? ((isAnswer ? ANSWER.exec(start) : null) ?? HOSTNAMECTL.exec(start)) : null
    const found = WHOLE.exec(start) ?? PROXMOX.exec(start) ?? alone
    return found ? this.tell(found[1], found[2], number) : false
  }

  blank(): void {
    // What was asked may come behind it.
  }

  end(): void {
    this.asked = false
  }

  private tell(release: string | undefined, architecture: string | undefined, number: number): true {
    this.used++
    const place = { file: this.file, line: number }
    if (release !== undefined) this.machine.file('proc/sys/kernel/osrelease', `${release}\n`, place)
    if (architecture !== undefined) this.machine.architecture(architecture, place)
    return true
  }
}
