import { FIRMWARE_PARSERS, type FirmwareParser, type FirmwareParsers } from '../../src/probes/firmware-parsers.js'

/** A parser that keeps its result for as long as the very same bytes live under the same path. */
function remembering<T>(parse: FirmwareParser<T>): FirmwareParser<T> {
  const results = new WeakMap<Uint8Array, { readonly path: string; readonly result: T }>()
  return (bytes, path, budget) => {
    const before = results.get(bytes)
    if (before?.path === path) return before.result
    const result = parse(bytes, path, budget)
    results.set(bytes, { path, result })
    return result
  }
}

/** For one machine that is probed thousands of times, each time with one file changed: the others are parsed once. */
export function rememberingParsers(): FirmwareParsers {
  const { iort, madt, dmar, ivrs, viot, mcfg, rimt, deviceTreeBlob } = FIRMWARE_PARSERS
  return {
    iort: remembering(iort),
    madt: remembering(madt),
    dmar: remembering(dmar),
    ivrs: remembering(ivrs),
    viot: remembering(viot),
    mcfg: remembering(mcfg),
    rimt: remembering(rimt),
    deviceTreeBlob: remembering(deviceTreeBlob),
  }
}
