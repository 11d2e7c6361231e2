/** K: drivers/of/fdt.c, FDT_MAX_DEPTH: Linux refuses trees that are nested deeper. */
export const NODE_DEPTH = 64

/** The largest tree in Debian's arm64 package of Linux 7.2 has 1,481 nodes. */
export const MOST_NODES = 65_536

/** Longest name of a node or property; a directory entry of Linux is no longer (NAME_MAX). */
export const LONGEST_NAME = 255

/** Bound on the memory that paths can take when names are long and nesting is deep. */
export const MOST_PATH_CHARACTERS = 1 << 24
