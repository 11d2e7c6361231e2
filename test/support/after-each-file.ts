import { afterAll } from 'vitest'
import { removeTemporaryDirectories } from './temporary-directories.js'

// Vitest runs this file once for each test file, also where many share a process.
afterAll(removeTemporaryDirectories)
