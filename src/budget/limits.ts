const KIB = 1024
const MIB = 1024 * 1024

/**
 * What one opening of evidence may cost at most: the only place where such bounds are set. Each is far above what the
 * largest known machines take and far below what would exhaust a small one. What is small passes in two seconds and
 * 300 MB whatever it is; a machine takes what its functions take, and thousands of them take more.
 */
export const LIMITS = {
  /** Bytes of the file that is opened, compressed or not. A bundle of 10,000 functions has 60 MB before compression. */
  archiveBytes: 128 * MIB,
  /** Bytes that decompressing may yield: more is a decompression bomb. */
  unpackedBytes: 256 * MIB,
  /**
   * Bytes kept of an archive: contents, names, and `ENTRY_BYTES` for what the interpreter needs for an entry. A whole
   * `/sys` of a server takes 40 MB.
   */
  memory: 128 * MIB,
  /** Names of an archive, directories that its paths only imply among them. */
  entries: 200_000,
  /** Bytes read, all files together, each time that a name leads to them: a thousand links to one file are a thousand. */
  bytes: 256 * MIB,
  /** Names of all directories that were listed, likewise. A machine of 10,000 functions has 500,000. */
  names: 2_000_000,
  /**
   * Names that links lead through, each time that one is followed. A function's entry leads through eight, and four of its
   * links are followed.
   */
  linkedNames: 1_000_000,
  /** Strings, lists and objects of a manifest, as its punctuation announces them. A machine of 10,000 functions has 400,000. */
  manifestValues: 600_000,
  /** Values of a report that was kept, likewise. That of 10,000 functions has 3,700,000. */
  reportValues: 4_000_000,
  /** Values of a machine description, likewise. One that spells out 16,384 functions in full has 500,000. */
  descriptionValues: 1_000_000,
  /** Lines of all texts, but for the first few of each. The kernel log of a year's uptime has 200,000. */
  lines: 300_000,
  /** Bytes of tables that texts hold, the rows that they leave out among them. A server's dump of all has 5 MB. */
  dumpedBytes: 16 * MIB,
  /** PCI functions. A segment has room for 65,536; servers full of virtual functions have 4,000, those to come 30,000. */
  functions: 32_768,
  /** Virtual functions that physical ones count as theirs: each is the one function's or the other's. */
  virtualFunctions: 65_536,
  /** IOMMU groups: a function has at most one. */
  groups: 32_768,
  /** Devices that IOMMU groups and IOMMUs list: each lists a device once. */
  members: 65_536,
  /** Interrupts that have a line of their own; the largest servers have 20,000, 30,000 functions 62,000. */
  interrupts: 65_536,
  /** Vectors that functions list as their own: each has a file in `/sys/kernel/irq` that is read. */
  vectors: 65_536,
  /** Structures of ACPI tables, nodes and device entries. The MADT of 8,192 processors (NR_CPUS) has 16,400. */
  structures: 32_768,
  /** Id mappings, scopes, ids and other items inside structures. The IORT of a server of four sockets has 300. */
  items: 65_536,
  /**
   * Root complexes of an IORT: every function looks for its own among them. Machines have one for each segment or less,
   * some 60 at most.
   */
  rootComplexes: 1024,
  /** Properties that map the ids of a bus. A tree has two for each host bridge. */
  idMaps: 1024,
  /**
   * Entries of all of them together: each is compared with all others. A bridge that names every one of 4,096 functions has
   * 8,192 in both maps.
   */
  idMapEntries: 16_384,
  /** Nodes of device trees. The largest tree of Linux 7.2 has 1,481. */
  nodes: 16_384,
  /** Properties of device trees: the largest tree has 15,000. */
  properties: 131_072,
  /** Bytes of all properties of device trees. A whole blob may have 2 MiB on arm64 (K: MAX_FDT_SIZE), and two are compared. */
  propertyBytes: 4 * MIB,
  /** Characters that the paths of a device tree's nodes take together: long names and deep nesting multiply. */
  pathCharacters: 16 * MIB,
  /**
   * Values that `decode` prints of one input: fields, cells, strings, 16 bytes. The largest tree of Linux 7.2 has 22,000,
   * the MADT of 4,096 processors 70,000.
   */
  rows: 80_000,
} as const

/**
 * What the archive of a machine may take beside that for each PCI function whose configuration space it holds. A capture
 * has 23 names for one with its interrupts, 8 KB of memory, 21 KB of archive and 40 values of its manifest: without these
 * one of 8,000 functions would be refused, and with higher limits every small archive could take as much.
 */
export const FOR_EACH_FUNCTION: readonly (readonly [Work, number])[] = [
  ['entries', 24],
  ['memory', 12 * KIB],
  ['unpackedBytes', 24 * KIB],
  ['manifestValues', 48],
]

/**
 * Functions for which an archive may be larger. A tree on disk is judged with more of them, but an archive is held in memory
 * whole: that of 10,000 functions takes some 600 MB, and nobody should need gigabytes for what somebody sent.
 */
export const ARCHIVE_FUNCTIONS = 10_240

/** What work is counted in. */
export type Work = keyof typeof LIMITS

/** Bounds of a single thing. They are not added up: whatever exceeds one is unreadable, the rest is read. */
export const SINGLE = {
  /** Bytes of one file: attributes are small, tables and logs are not this large. */
  fileBytes: 16 * MIB,
  /** Names of one directory: `/sys/kernel/irq` of the largest servers lists some 20,000. */
  listing: 65_536,
  /** Characters of a line. `/proc/interrupts` has 11 for each processor: 45,056 with 4,096. */
  lineCharacters: 64 * KIB,
  /** Bytes of a path in an archive: what Linux allows (PATH_MAX) is 4,096, what sysfs has is 300. */
  pathBytes: 1024,
  /** Directories in one another, in an archive. */
  pathDepth: 64,
  /** Cells of one property. An `iommu-map` of one entry for each of 4,096 functions has 16,384. */
  cells: 65_536,
  /** Bytes of one property that `decode` shows: an `iommu-map` of 4,096 entries. */
  shownBytes: 64 * KIB,
  /** Characters of a node's path that `decode` counts as one value. */
  shownPath: 200,
  /** Bytes that a compressed text or table may hold, where no archive is in it. */
  unpackedBytes: 64 * MIB,
  /** Bytes of a report that was kept. */
  reportBytes: 64 * MIB,
  /** Bytes of a compressed kernel configuration once it is unpacked; those of distributions have 300 KB. */
  configurationBytes: 4 * MIB,
  /** Vectors of one function (PCI Express Base 6.0 section 7.7.2: the Table Size of MSI-X has 11 bits). */
  vectors: 2048,
  /** Files of `modprobe.d`. */
  modprobeFiles: 1000,
} as const

/** What an entry of an archive takes in memory beside its name and content. */
export const ENTRY_BYTES = 256
