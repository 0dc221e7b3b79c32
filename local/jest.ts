import { runTool } from './tools.ts'

// Jest takes modules as modules only behind a flag of Node's, which warns that it is experimental.
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']

/** Runs tests; gives the exit code. */
export function runJest(args: string[], env: Record<string, string> = {}): number {
  return runTool('jest', args, { NODE_OPTIONS: flags.join(' '), LOG_LEVEL: '', ...env })
}
