import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { subgraphNames } from '../platform/names.ts'
import { composeFile, generateTypes } from './generate.ts'
import { runTool } from './tools.ts'

const checks: [string, () => number][] = [
  ['resolver types', generateTypes],
  ['supergraph', () => composeFile('--check')],
  ['types', () => runTool('tsc', ['--noEmit'])],
  ['lint and format', () => runTool('biome', ['ci', '--error-on-warnings', '.'])],
  ['migrations', migrationsMissing],
]

const failed = checks.filter(([name, check]) => {
  console.log(`Checking ${name} …`)
  return check() !== 0
})
if (failed.length > 0) console.error(`Failed: ${failed.map(([name]) => name).join(', ')}`)
process.exitCode = failed.length > 0 ? 1 : 0

/** How many subgraphs have tables that differ from their migrations: drizzle-kit finds something to write for a copy. */
function migrationsMissing(): number {
  const copy = mkdtempSync(join(tmpdir(), 'podium-migrations-'))
  try {
    return subgraphNames.filter((name) => {
      const out = join(copy, name)
      cpSync(`subgraphs/${name}/migrations`, out, { recursive: true })
      const before = readdirSync(out).length
      const args = [
        'generate',
        '--dialect',
        'postgresql',
        '--schema',
        `subgraphs/${name}/tables.ts`,
        '--out',
        out,
      ]
      const failed = runTool('drizzle-kit', args) !== 0 || readdirSync(out).length !== before
      if (failed) console.error(`${name}: tables.ts and migrations differ; npm run migration -- ${name} NAME`)
      return failed
    }).length
  } finally {
    rmSync(copy, { recursive: true })
  }
}
