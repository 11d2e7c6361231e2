import type { Budget } from '../budget/budget.js'
import { BundleError } from './bundle-error.js'
import { BLOCK, field, parsePax, parseTarHeader, wordsOf, type PaxOverrides, type TarHeader } from './tar-header.js'

/** Longest extended header (a long name) that is taken in, in bytes. Names longer than 4096 are of no use to anybody. */
const EXTENDED_LIMIT = 64 * 1024
/** Bytes behind the end mark that are looked at: archives are padded to the records of a tape, 10 KiB and more. */
const PADDING_LIMIT = 1024 * 1024
const EMPTY = new Uint8Array(0)
const NO_OVERRIDES: Readonly<PaxOverrides> = {}

/** Links, directories and special files. */
const hasNoContent = (type: string): boolean => type >= '1' && type <= '6' && type.length === 1

/** Contents up to this size are copied byte by byte, which is quicker than to call for it. */
const FEW_BYTES = 64

function isEmpty(bytes: Uint8Array, start: number): boolean {
  for (let at = start; at < start + BLOCK; at += 1) if (bytes[at] !== 0) return false
  return true
}

/**
 * Reads a tar archive piece by piece, so that neither the archive nor a file that is not wanted is ever held in memory.
 * Entries are counted and bounded; sizes are believed only as far as bytes arrive. `onEntry` returns where the content
 * goes, or undefined to pass it over. The project reads tar itself because the content of a bundle is hostile: raw names
 * and type flags are needed to judge an entry, and the time spent on an extended header must not grow with its square.
 */
export class TarReader {
  private readonly archive: string
  private readonly budget: Budget
  private readonly onEntry: (entry: TarHeader) => Uint8Array | undefined
  /** A header that comes in pieces. */
  private readonly block = new Uint8Array(BLOCK)
  private readonly blockWords = wordsOf(this.block)
  private filled = 0
  private offset = 0
  private entries = 0
  private zeroBlocks = 0
  private padded = 0
  private content: Uint8Array | undefined
  private contentFilled = 0
  private remaining = 0
  private padding = 0
  private extended: ((content: Uint8Array) => void) | undefined
  private overrides: PaxOverrides = NO_OVERRIDES
  private longName: Uint8Array | undefined
  private longLink: Uint8Array | undefined
  private trailing = false

  constructor(archive: string, budget: Budget, onEntry: (entry: TarHeader) => Uint8Array | undefined) {
    this.archive = archive
    this.budget = budget
    this.onEntry = onEntry
  }

  /** True when bytes other than zero followed the end mark; they were ignored. */
  get trailingData(): boolean {
    return this.trailing
  }

  /**
   * Takes the next bytes of the archive; false once its end mark and what pads it are passed, and nothing more is wanted.
   * Throws BundleError where they cannot be an archive.
   */
  push(chunk: Uint8Array): boolean {
    const words = wordsOf(chunk)
    let at = 0
    while (at < chunk.length) {
      if (this.zeroBlocks > 1) {
        const rest = chunk.subarray(at, at + PADDING_LIMIT)
        this.trailing ||= rest.some((byte) => byte !== 0)
        this.padded += chunk.length - at
        return this.padded < PADDING_LIMIT
      }
      const inContent = this.remaining > 0
      const wanted = inContent ? this.remaining : this.padding > 0 ? this.padding : BLOCK - this.filled
      const end = Math.min(at + wanted, chunk.length)
      this.offset += end - at
      if (inContent) this.takeContent(chunk, at, end)
      else if (this.padding > 0) this.padding -= end - at
      // Mostly a header comes whole and is read where it lies.
      else if (end - at === BLOCK && at % 4 === 0) this.takeHeader(chunk, at, words)
      else this.takePiece(chunk.subarray(at, end))
      at = end
    }
    return true
  }

  /** Ends the archive. An archive without its end mark was cut. */
  end(): void {
    if (this.zeroBlocks === 0 || this.remaining > 0) this.fail(`the archive ends early, after ${this.offset} bytes`)
    if (this.entries === 0) this.fail('the archive holds no files')
  }

  private takeContent(chunk: Uint8Array, from: number, end: number): void {
    const { content, contentFilled } = this
    if (content && end - from <= FEW_BYTES) {
      for (let at = from; at < end; at += 1) content[contentFilled + at - from] = chunk[at] ?? 0
    } else content?.set(chunk.subarray(from, end), contentFilled)
    this.contentFilled += end - from
    this.remaining -= end - from
    if (this.remaining > 0 || !this.extended || !content) return
    const consume = this.extended
    this.extended = undefined
    consume(content)
  }

  private takePiece(bytes: Uint8Array): void {
    this.block.set(bytes, this.filled)
    this.filled += bytes.length
    if (this.filled < BLOCK) return
    this.filled = 0
    this.takeHeader(this.block, 0, this.blockWords)
  }

  private takeHeader(bytes: Uint8Array, start: number, words: Uint32Array): void {
    if (isEmpty(bytes, start)) {
      this.zeroBlocks += 1
      return
    }
    if (this.zeroBlocks > 0) this.fail(`unexpected content at byte ${this.offset - BLOCK}, after the end mark`)
    this.entries += 1
    if (!this.budget.take('entries')) this.fail(`more than ${this.budget.limit('entries')} entries`)
    const header = parseTarHeader(bytes, start, words)
    if ('fault' in header) this.fail(`${header.fault} at byte ${this.offset - BLOCK}`)
    else this.begin(header)
  }

  private begin(header: TarHeader): void {
    switch (header.type) {
      case 'x':
        return this.beginExtended(header, (content) => {
          const overrides = parsePax(content)
          if ('fault' in overrides) this.fail(`${overrides.fault} before byte ${this.offset}`)
          else this.overrides = overrides
        })
      case 'L':
        return this.beginExtended(header, (content) => (this.longName = field(content, 0, content.length)))
      case 'K':
        return this.beginExtended(header, (content) => (this.longLink = field(content, 0, content.length)))
      case 'g':
        // Global defaults (a comment, as git archive writes it) never name or size a file here.
        return this.expect(header.size, undefined)
    }
    const entry = this.overridden(header)
    // Links, directories and special files have no content, whatever their size field says.
    this.expect(hasNoContent(entry.type) ? 0 : entry.size, this.onEntry(entry))
  }

  /** The entry as the headers before it have it. */
  private overridden(header: TarHeader): TarHeader {
    const { overrides, longName, longLink } = this
    if (overrides === NO_OVERRIDES && longName === undefined && longLink === undefined) return header
    this.overrides = NO_OVERRIDES
    this.longName = undefined
    this.longLink = undefined
    return {
      name: overrides.path ?? longName ?? header.name,
      linkName: overrides.linkPath ?? longLink ?? header.linkName,
      size: overrides.size ?? header.size,
      type: header.type,
      sparse: header.sparse || overrides.sparse === true,
    }
  }

  private beginExtended(header: TarHeader, consume: (content: Uint8Array) => void): void {
    if (header.size > EXTENDED_LIMIT) this.fail(`an extended header of ${header.size} bytes at byte ${this.offset}`)
    if (header.size === 0) return consume(EMPTY)
    this.extended = consume
    this.expect(header.size, new Uint8Array(header.size))
  }

  private expect(size: number, content: Uint8Array | undefined): void {
    this.content = content
    this.contentFilled = 0
    this.remaining = size
    this.padding = (BLOCK - (size % BLOCK)) % BLOCK
  }

  private fail(problem: string): never {
    throw new BundleError(this.archive, problem, 'Take the capture again, or pass a tar.gz archive of the machine.')
  }
}
