// Boots kernels in emulated machines and holds what the tool says inside them against what they answer: test/lab/README.md.
import { fromSource } from './source.mjs'

const [{ main }] = await fromSource('../test/lab/lab')
process.exitCode = await main(process.argv.slice(2))
