/** Milliseconds of processor time, garbage collection included, that something takes; other work on the machine does not count. */
export function processorMilliseconds(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
