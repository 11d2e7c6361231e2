/**
 * CPU time of `work` in milliseconds, of all threads of this process, with its result.
 * @template T
 * @param {() => T | Promise<T>} work
 */
export async function timed(work) {
  const before = process.cpuUsage()
  const result = await work()
  const { user, system } = process.cpuUsage(before)
  return { result, cpu: (user + system) / 1000 }
}
