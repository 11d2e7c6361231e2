/** K: drivers/of/fdt.c, FDT_MAX_DEPTH: Linux refuses trees that are nested deeper. */
export const NODE_DEPTH = 64

/** Longest name of a node or property; a directory entry of Linux is no longer (NAME_MAX). */
export const LONGEST_NAME = 255
