import { runScript, runTool } from './tools.ts'

/** Writes the resolver types of every subgraph (codegen.ts); gives an exit code. */
export function generateTypes(): number {
  return runTool('graphql-codegen', ['--config', 'codegen.ts', '--silent'])
}

/** Writes schema/supergraph.graphql from the subgraphs' schemas; with `--check` it only compares. */
export function composeFile(...args: '--check'[]): number {
  return runScript('gateway/compose.ts', args)
}

if (import.meta.main) process.exitCode = generateTypes() || composeFile()
