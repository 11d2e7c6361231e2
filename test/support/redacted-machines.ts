import { RedactingSysroot } from '../../src/capture/redacting-sysroot.js'
import type { FirmwareParsers } from '../../src/probes/firmware-parsers.js'
import type { Report } from '../../src/report/types.js'
import type { ChangedSysroot } from '../../src/sysroot/changed-sysroot.js'
import type { MemorySysroot } from '../../src/sysroot/memory-sysroot.js'
import type { Read, Sysroot } from '../../src/sysroot/sysroot.js'
import { probeMachine, probes } from './law-probes.js'
import type { ProbeMemory } from './remembered-probes.js'
import { sameContent } from './same-content.js'
import { aboutLaw, Verdicts } from './verdicts.js'

type Kind = 'text' | 'bytes' | 'list' | 'link'

/** The same answer where it holds the same, so that whoever knows it by identity knows it again. */
function kept<T>(now: Read<T>, before: Read<T>): Read<T> {
  return sameContent(now, before) ? before : now
}

/** A changed machine as redaction shows it: what reads as it did is shown as it was. */
class RedactedChange implements Sysroot {
  readonly origin: Sysroot['origin']
  readonly budget: Sysroot['budget']
  readonly passedOver: NonNullable<Sysroot['passedOver']>
  private readonly changed: ChangedSysroot
  private readonly before: MemorySysroot
  private readonly shown: Sysroot
  private readonly redacted: RedactingSysroot

  /** @param shown of `before`, each answer the same object every time */
  constructor(changed: ChangedSysroot, before: MemorySysroot, shown: Sysroot) {
    this.changed = changed
    this.before = before
    this.shown = shown
    this.redacted = new RedactingSysroot(changed)
    const { origin, budget, passedOver } = this.redacted
    this.origin = origin
    this.budget = budget
    this.passedOver = passedOver
  }

  text(path: string): Read<string> {
    return this.isSame('bytes', path) ? this.shown.text(path) : kept(this.redacted.text(path), this.shown.text(path))
  }

  bytes(path: string): Read<Uint8Array> {
    return this.isSame('bytes', path) ? this.shown.bytes(path) : kept(this.redacted.bytes(path), this.shown.bytes(path))
  }

  /** Which names of a directory of options are shown depends on what the files hold. */
  list(path: string): Read<readonly string[]> {
    const isShown = path.startsWith('sys/') && this.isSame('list', path)
    return isShown ? this.shown.list(path) : kept(this.redacted.list(path), this.shown.list(path))
  }

  link(path: string): Read<string> {
    return this.isSame('link', path) ? this.shown.link(path) : kept(this.redacted.link(path), this.shown.link(path))
  }

  private isSame(kind: Kind, path: string): boolean {
    return this.changed[kind](path) === this.before[kind](path)
  }
}

/** A sysroot whose answers are the same objects each time. */
class SameAnswers implements Sysroot {
  readonly origin: Sysroot['origin']
  readonly budget: Sysroot['budget']
  private readonly inner: RedactingSysroot
  private readonly texts = new Map<string, Read<string>>()
  private readonly files = new Map<string, Read<Uint8Array>>()
  private readonly lists = new Map<string, Read<readonly string[]>>()
  private readonly links = new Map<string, Read<string>>()

  constructor(inner: RedactingSysroot) {
    this.inner = inner
    this.origin = inner.origin
    this.budget = inner.budget
  }

  get passedOver(): NonNullable<Sysroot['passedOver']> {
    return this.inner.passedOver
  }

  text(path: string): Read<string> {
    return once(this.texts, path, () => this.inner.text(path))
  }

  bytes(path: string): Read<Uint8Array> {
    return once(this.files, path, () => this.inner.bytes(path))
  }

  list(path: string): Read<readonly string[]> {
    return once(this.lists, path, () => this.inner.list(path))
  }

  link(path: string): Read<string> {
    return once(this.links, path, () => this.inner.link(path))
  }
}

function once<T>(answers: Map<string, Read<T>>, path: string, read: () => Read<T>): Read<T> {
  let answer = answers.get(path)
  if (!answer) answers.set(path, (answer = read()))
  return answer
}

/** The verdicts of the machines that a machine becomes, each as redaction shows it. */
export class RedactedMachines {
  private readonly sysroot: MemorySysroot
  private readonly shown: Sysroot
  private readonly memory: ProbeMemory
  private readonly verdicts: Verdicts
  private readonly probed: (sysroot: Sysroot) => ReturnType<typeof probeMachine>

  constructor(sysroot: MemorySysroot, parsers: FirmwareParsers) {
    this.sysroot = sysroot
    this.shown = new SameAnswers(new RedactingSysroot(sysroot))
    this.probed = (machine) => probeMachine(machine, parsers)
    const { result, memory } = probes.remember(() => this.probed(this.shown))
    this.memory = memory
    this.verdicts = new Verdicts(result)
  }

  /** @param isSampled whether it is redacted and probed from the start as well: `agrees` where it comes out the same */
  of(changed: ChangedSysroot, isSampled: boolean): { readonly report: Report; readonly agrees: boolean } {
    const machine = probes.recall(this.memory, new RedactedChange(changed, this.sysroot, this.shown), this.probed)
    const report = this.verdicts.of(machine)
    if (!isSampled) return { report, agrees: true }
    const anew = probeMachine(new RedactingSysroot(changed))
    const agrees = sameContent(anew, machine) && sameContent(aboutLaw(this.verdicts.of(anew)), aboutLaw(report))
    return { report, agrees }
  }
}
