import { z } from 'zod'
import { list, READ_FAILURE } from './schema-parts.js'

// What commands say of what they wrote or have, where that is no judgement.

const VERSION = z.string().describe('Semantic version; fields are only added within a major')

/** The shape of `capture --list --json`. A test holds that it infers exactly `CaptureList`. */
export const CAPTURE_LIST = z
  .object({
    schema: z.literal('intremap/capture-list'),
    schemaVersion: VERSION,
    source: z.object({ kind: z.string(), name: z.string() }).describe('How the machine was reached'),
    files: list(
      z.object({
        path: z.string(),
        bytes: z.int(),
        redacted: z.boolean().describe('Whether something of it was taken away'),
      }),
    ).describe('What the bundle holds'),
    denied: list(z.string()).describe('Paths that this user may not read'),
  })
  .describe('What a capture holds')

/** The shape of `emulate -o FILE.tar.gz --json`. */
export const BUNDLE_SUMMARY = z
  .object({
    schema: z.literal('intremap/bundle-summary'),
    schemaVersion: VERSION,
    machine: z.string(),
    files: z.int(),
  })
  .describe('The bundle of an emulated machine')

/** The shape of `emulate -o DIR --json`, and of the note beside the tree. A test holds that it infers exactly `TreeNote`. */
export const TREE = z
  .object({
    schema: z.literal('intremap/tree'),
    schemaVersion: VERSION,
    machine: z.string(),
    names: list(z.string()).describe('Names that were written at the top, without the note'),
    directories: z.int(),
    files: z.int(),
    links: z.int(),
    unreadable: z.record(z.string(), READ_FAILURE).describe('What could not be read of the machine, by path'),
  })
  .describe('The tree of an emulated machine')

/** The shape of `selftest --list --json`. A test holds that it infers exactly `MachineList`. */
export const SELFTEST_LIST = z
  .object({
    schema: z.literal('intremap/selftest-list'),
    schemaVersion: VERSION,
    machines: list(
      z.object({
        name: z.string(),
        title: z.string(),
        about: z.string().describe('What is odd about it'),
        kind: z.string().describe('captured, emulated, or unknown where the bundle does not say'),
      }),
    ),
  })
  .describe('The bundled machines')
