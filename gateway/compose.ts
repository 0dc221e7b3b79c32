import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { type SubgraphName, subgraphNames } from '../platform/names.ts'
import { printContract } from './supergraph/contract.ts'
import { composeSupergraph, loadSupergraph } from './supergraph.ts'

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

/** What partners see of a supergraph, as it is committed. Throws when it shows them nothing. */
export function partnerForm(composed: string): string {
  const { contract } = loadSupergraph(composed)
  if (!contract) throw new Error('the supergraph has no contract with partners')
  return `# What partners see of supergraph.graphql, by gateway/compose.ts; not edited by hand.\n${printContract(contract)}\n`
}

if (import.meta.main) {
  const composed = committedForm()
  const files = { 'supergraph.graphql': composed, 'partner.graphql': partnerForm(composed) }
  for (const [name, text] of Object.entries(files)) {
    const file = new URL(`../schema/${name}`, import.meta.url)
    if (!process.argv.includes('--check')) {
      writeFileSync(file, text)
      continue
    }
    const stale = staleness(existsSync(file) ? readFileSync(file, 'utf8') : '', text)
    if (!stale) continue
    console.error(`schema/${name} is stale. Run: node gateway/compose.ts\n${stale}`)
    process.exitCode = 1
  }
}
