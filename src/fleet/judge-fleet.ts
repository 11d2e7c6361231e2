import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { isSea } from 'node:sea'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { hostError, type HostError, type HostLine } from '../report/fleet/host-line.js'
import { judgeHost } from './judge-host.js'

/** Every built file lies two folders below the package. */
const WORKER = '../../dist/fleet/worker.js'
/** Above that, reading is what takes the time. */
const MOST_THREADS = 16
/** A host that takes longer than this, in milliseconds, is given up, and its thread with it. */
const LONGEST_MS = 120_000

/** The thread's program; undefined in the single executable, which has no files. */
function workerFile(): string | undefined {
  if (isSea()) return undefined
  const file = fileURLToPath(new URL(WORKER, import.meta.url))
  return existsSync(file) ? file : undefined
}

/** One thread, which is replaced when it dies or takes too long. */
class Judge {
  private worker: Worker | undefined
  private readonly file: string

  constructor(file: string) {
    this.file = file
  }

  judge(path: string): Promise<HostLine | HostError> {
    const worker = this.worker ?? new Worker(this.file)
    this.worker = worker
    return new Promise((resolve) => {
      const end = (line: HostLine | HostError, isBroken: boolean) => {
        clearTimeout(timer)
        worker.off('message', told).off('error', failed).off('exit', ended)
        if (isBroken) {
          this.worker = undefined
          void worker.terminate()
        }
        resolve(line)
      }
      const told = (line: HostLine | HostError) => end(line, false)
      const failed = (error: unknown) => end(hostError(path, `it could not be judged: ${String(error)}`), true)
      const ended = () => end(hostError(path, 'it could not be judged: its thread ended'), true)
      const timer = setTimeout(() => end(hostError(path, 'it took too long and was given up'), true), LONGEST_MS)
      worker.on('message', told).on('error', failed).on('exit', ended)
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage(path)
    })
  }

  async close(): Promise<void> {
    await this.worker?.terminate()
  }
}

/** How many are judged at once where nobody says. */
export const defaultJobs = (): number => Math.min(MOST_THREADS, availableParallelism())

/**
 * The lines of many hosts, in the order of their paths. At most `jobs` are judged at once, and so many again wait for one
 * before them, so that memory does not grow with the fleet.
 */
export async function* judgeFleet(paths: Iterable<string>, jobs: number): AsyncGenerator<HostLine | HostError> {
  const file = jobs > 1 ? workerFile() : undefined
  if (file === undefined) {
    for (const path of paths) yield await judgeHost(path)
    return
  }
  const idle = Array.from({ length: jobs }, () => new Judge(file))
  const all = [...idle]
  const waiting: (() => void)[] = []
  const judge = async (path: string): Promise<HostLine | HostError> => {
    while (idle.length === 0) await new Promise<void>((resolve) => waiting.push(resolve))
    const one = idle.pop()
    if (one === undefined) throw new Error('a thread was taken twice')
    try {
      return await one.judge(path)
    } finally {
      idle.push(one)
      waiting.shift()?.()
    }
  }
  try {
    const ahead: Promise<HostLine | HostError>[] = []
    for (const path of paths) {
      ahead.push(judge(path))
      const first = ahead.length >= 2 * jobs ? ahead.shift() : undefined
      if (first !== undefined) yield await first
    }
    for (const line of ahead) yield await line
  } finally {
    await Promise.all(all.map((one) => one.close()))
  }
}
