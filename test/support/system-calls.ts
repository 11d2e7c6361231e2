/** Where programs may be: what starts the tool, and the reader of the kernel log. */
const KERNEL_LOG_READER = /execve\("(?:\/usr)?\/s?bin\/dmesg"/

/**
 * Lines of a trace (`strace -f -e trace=%file,%network,%process`) that show what the tool never does: open something for writing
 * but the output it was named, open a node that acts on the machine, make a connection, run a program but the reader of the
 * kernel log.
 * @param output what it was told to write
 * @param start how the program itself is started, besides the first line
 */
export function forbiddenCalls(lines: readonly string[], output: string, start = /$^/): readonly string[] {
  const [, ...started] = lines.filter((line) => /\bexecve\(.* = 0$/.test(line))
  return [
    ...lines.filter(
      (line) =>
        /\b(?:O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|mkdir|unlink|rename|symlink)/.test(line) &&
        !line.includes('"/dev/null"') &&
        !line.includes(output),
    ),
    ...lines.filter((line) => /\b(?:socket|connect|bind|listen)\(/.test(line)),
    ...lines.filter((line) => /\bopen(?:at)?\(.*"\/dev\/(?:vfio\/|iommu|kvm|mem|port|cpu)/.test(line)),
    ...started.filter((line) => !KERNEL_LOG_READER.test(line) && !start.test(line)),
  ]
}
