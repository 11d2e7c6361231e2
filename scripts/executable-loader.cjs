// What the single executable starts: takes up the quick commands, or else the whole program, compiled already where V8
// takes its cache.
const { getAssetKeys, getRawAsset } = require('node:sea')
const { Script } = require('node:vm')

const filename = 'intremap'
/** In which script a quick command is, as bin/run.js has it. */
const QUICK = {
  probe: 'often',
  check: 'often',
  lint: 'often',
  explain: 'seldom',
  decode: 'seldom',
  diff: 'seldom',
  capture: 'seldom',
}

/** Compiled code, a multiple of eight bytes, behind those that move it to where V8 reads it in place. */
const compiledCode = (asset) => new Uint8Array(asset, asset.byteLength % 8)

/** What a script in the executable exports; it asks for another one, of a package, as for the package. */
function taken(name) {
  const cache = `${name}.cache`
  const script = new Script(Buffer.from(getRawAsset(`${name}.cjs`)).latin1Slice(), {
    filename,
    ...(getAssetKeys().includes(cache) === true ? { cachedData: compiledCode(getRawAsset(cache)) } : {}),
  })
  const taken_ = { exports: {} }
  const requireOf = (id) => (id === 'execa' ? taken(id) : require(id))
  script.runInThisContext()(taken_.exports, requireOf, taken_, filename)
  return taken_.exports
}

async function run(words) {
  const quick = Object.hasOwn(QUICK, words[0]) ? QUICK[words[0]] : undefined
  if (quick === undefined || (await taken(quick).start(words)) !== true) await taken('program').run(words)
}

void run(process.argv.slice(2))
