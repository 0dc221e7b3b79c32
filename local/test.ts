import { generateTypes } from './generate.ts'
import { runJest } from './jest.ts'

process.exitCode = generateTypes() || runJest(process.argv.slice(2))
