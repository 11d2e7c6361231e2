// What the single executable starts: takes up the program from the executable, compiled already where V8 takes its cache.
const { getAsset, getAssetKeys, getRawAsset } = require('node:sea')
const { Script } = require('node:vm')

const filename = 'intremap'
const isCompiled = getAssetKeys().includes('program.cache') === true
const script = new Script(getAsset('program.cjs', 'latin1'), {
  filename,
  ...(isCompiled ? { cachedData: new Uint8Array(getRawAsset('program.cache')) } : {}),
})
const module_ = { exports: {} }
script.runInThisContext()(module_.exports, require, module_, filename)
module_.exports.run(process.argv.slice(2))
