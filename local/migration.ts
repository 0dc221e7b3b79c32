import { type SubgraphName, subgraphNames } from '../platform/names.ts'
import { runTool } from './tools.ts'

const [subgraph, name] = process.argv.slice(2)
if (!subgraphNames.includes(subgraph as SubgraphName) || !name) {
  console.error(
    `Usage: npm run migration -- ${subgraphNames.join('|')} NAME   (what changed in its tables.ts)`,
  )
  process.exit(2)
}
const args = ['generate', '--config', 'drizzle.config.ts', '--name', name]
process.exitCode = runTool('drizzle-kit', args, { SUBGRAPH: subgraph ?? '' })
