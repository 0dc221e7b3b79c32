import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { FORMAT } from '../../gateway/documents/manifest.ts'
import { loadSupergraph } from '../../gateway/supergraph.ts'
import { gather } from './gather.ts'
import { sourcesIn } from './sources.ts'

const usage = `Usage: npm run documents -- PATHS… [--out FILE] [--supergraph FILE] [--add-typename]
Gathers the operations of an app, from its .graphql files and from gql and graphql templates in its code, into a manifest of
documents that a gateway trusts (TRUSTED_DOCUMENTS_FILE).
  --out FILE         where to write it; by default on standard output
  --supergraph FILE  what they must be valid for; by default schema/supergraph.graphql
  --add-typename     asks for the type of every object, as clients with a normalised cache do`

/** npm runs a script in the repository, wherever it was called. */
const base = process.env.INIT_CWD ?? process.cwd()

try {
  process.exitCode = writeManifest(readArguments())
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

function writeManifest({ paths, out, supergraph, addTypename }: ReturnType<typeof readArguments>): number {
  const { schema } = loadSupergraph(readFileSync(supergraph, 'utf8'))
  const { operations, faults } = gather(sourcesIn(paths, base), { schema, addTypename })
  if (operations.length === 0 && faults.length === 0) faults.push(`${paths.join(' ')}: has no operation`)
  for (const fault of faults) console.error(fault)
  if (faults.length > 0) return 1
  const manifest = `${JSON.stringify({ format: FORMAT, version: 1, operations }, null, 2)}\n`
  if (out === undefined) process.stdout.write(manifest)
  else writeFileSync(resolve(base, out), manifest)
  console.error(`${operations.length} operation${operations.length === 1 ? '' : 's'}.`)
  return 0
}

function readArguments() {
  try {
    const { values, positionals: paths } = parseArgs({
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        supergraph: { type: 'string' },
        'add-typename': { type: 'boolean', default: false },
      },
    })
    if (paths.length === 0) throw new Error('PATHS are missing.')
    const own = join(import.meta.dirname, '..', '..', 'schema', 'supergraph.graphql')
    const supergraph = values.supergraph === undefined ? own : resolve(base, values.supergraph)
    return { paths, out: values.out, supergraph, addTypename: values['add-typename'] }
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${usage}`)
  }
}
