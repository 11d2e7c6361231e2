import { guardProcess, leaveWithError } from './cli/exit.js'
import { main } from './main.js'

// What the single executable runs: it brings its own Node.js, and all is in this one file.
guardProcess()
main(process.argv.slice(2)).catch(leaveWithError)
