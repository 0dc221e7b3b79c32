import { generateTypes } from './generate.ts'
import { runTool } from './tools.ts'

// Jest takes modules as modules only behind a flag of Node's, which warns that it is experimental.
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']

process.exitCode =
  generateTypes() || runTool('jest', process.argv.slice(2), { NODE_OPTIONS: flags.join(' '), LOG_LEVEL: '' })
