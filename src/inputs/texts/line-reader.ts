import type { EvidenceLine } from '../../text/evidence-lines.js'

/** One kind of text, line by line. A line that is none of its own is somebody else's: several may be pasted together. */
export interface LineReader {
  /** What people call the text. */
  readonly kind: string
  /** Lines that told something. */
  readonly used: number
  /** Whether it is in the middle of something, so that lines are its own first. */
  readonly isOpen: boolean
  /** Takes the line if it is one of its own. */
  line(line: EvidenceLine): boolean
  /** A blank line: mostly what separates one thing from the next, but posts have them anywhere. */
  blank(): void
  /** A prompt or the end of the text; `whole` where what came before was not cut. */
  end(whole: boolean): void
}
