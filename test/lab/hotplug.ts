import { existsSync, readFileSync } from 'node:fs'
import { createConnection } from 'node:net'

/** QEMU's command that plugs a network interface into the root port of the set `port`. */
const COMMAND = 'device_add e1000e,id=plugged,bus=plug,romfile=\n'

/** QEMU's arguments for a monitor at a socket. */
export function monitorAt(socket: string): readonly string[] {
  return ['-monitor', `unix:${socket},server=on,wait=off`]
}

/** Plugs a function once the guest says on its console that it waits for it. Gives what ends the watch. */
export function plugWhenAsked(console: string, socket: string): () => void {
  const timer = setInterval(() => {
    if (!existsSync(console) || !readFileSync(console, 'utf8').includes('lab: plug now')) return
    clearInterval(timer)
    const monitor = createConnection(socket)
    // Ended together with QEMU, which resets it.
    monitor.on('error', () => monitor.destroy())
    monitor.resume()
    monitor.write(COMMAND)
  }, 500)
  return () => {
    clearInterval(timer)
  }
}
