import { parentPort } from 'node:worker_threads'
import { judgeHost } from './judge-host.js'

// A thread that judges one path after another, each when it is asked to.
parentPort?.on('message', (path: unknown) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  void judgeHost(String(path)).then((line) => parentPort?.postMessage(line))
})
