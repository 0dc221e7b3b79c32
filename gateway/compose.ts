import { readFileSync, writeFileSync } from 'node:fs'
import { type SubgraphName, subgraphNames } from '../platform/names.ts'
import { composeSupergraph } from './supergraph.ts'

/** Where the committed supergraph is. */
const FILE = new URL('../schema/supergraph.graphql', import.meta.url)

/** Stand for the real addresses, which are configuration. */
const placeholders = Object.fromEntries(
  subgraphNames.map((name) => [name, `http://${name}/graphql`]),
) as Record<SubgraphName, string> // Object.fromEntries forgets its keys.

/** The supergraph as it is committed. */
export function committedForm(sdl?: (name: SubgraphName) => string): string {
  return `# Composed from the subgraphs' schemas by gateway/compose.ts; not edited by hand.\n${composeSupergraph(placeholders, sdl)}\n`
}

/** What is stale in a committed supergraph, as lines of a diff; null when nothing is. */
export function staleness(committed: string, composed: string): string | null {
  if (committed === composed) return null
  const [before, after] = [committed.split('\n'), composed.split('\n')]
  const [known, wanted] = [new Set(before), new Set(after)]
  const changes = [
    ...before.filter((line) => !wanted.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !known.has(line)).map((line) => `+ ${line}`),
  ]
  return changes.length > 0 ? changes.join('\n') : 'the order of the lines'
}

if (import.meta.main) {
  const composed = committedForm()
  if (!process.argv.includes('--check')) writeFileSync(FILE, composed)
  else {
    const stale = staleness(readFileSync(FILE, 'utf8'), composed)
    if (stale) {
      console.error(`schema/supergraph.graphql is stale. Run: node gateway/compose.ts\n${stale}`)
      process.exitCode = 1
    }
  }
}
