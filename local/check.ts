import { cpSync, globSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { deprecationFaults } from '../gateway/supergraph/deprecation.ts'
import { subgraphNames } from '../platform/names.ts'
import { composeFile, generateTypes } from './generate.ts'
import { runScript, runTool, toolOutput } from './tools.ts'

const checks: [string, () => number][] = [
  ['resolver types', generateTypes],
  ['supergraph', () => composeFile('--check')],
  ['what partners lose', () => runScript('local/schema-diff/main.ts')],
  ['deprecations', undatedDeprecations],
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

/** How many deprecations do not say from which day on what is deprecated may be gone. */
function undatedDeprecations(): number {
  const folder = join(import.meta.dirname, '..')
  const files = globSync('schema/*.graphql', { cwd: folder })
  const faults = files.flatMap((file) => deprecationFaults(file, readFileSync(join(folder, file), 'utf8')))
  for (const fault of faults) console.error(fault)
  return faults.length
}

/** How many subgraphs have tables that differ from their migrations: drizzle-kit finds something to write for a copy. */
function migrationsMissing(): number {
  return subgraphNames.filter((name) => {
    // drizzle-kit takes a relative folder alone, and ends with 0 whatever happened: its words decide.
    const copy = join('.local', `migrations-${process.pid}`, name)
    cpSync(join('subgraphs', name, 'migrations'), copy, { recursive: true })
    const args = [
      'generate',
      '--dialect',
      'postgresql',
      '--schema',
      `subgraphs/${name}/tables.ts`,
      '--out',
      copy,
    ]
    const said = toolOutput('drizzle-kit', args)
    rmSync(join(copy, '..'), { recursive: true })
    const same = said.includes('No schema changes')
    if (!same)
      console.error(`${said}\n${name}: tables.ts and migrations differ; npm run migration -- ${name} NAME`)
    return !same
  }).length
}
