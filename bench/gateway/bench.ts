import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ask, canBind, killAll, start } from '../programs.ts'
import { machine } from '../versions.ts'
import { contestants } from './contestants.ts'
import type { Options } from './options.ts'
import { tables } from './report.ts'
import type { Listening } from './subgraphs/server.ts'
import { composeSupergraph, expectedData, queryText } from './supergraph.ts'
import { takeTurns } from './turns.ts'
import { versionsOf } from './versions.ts'

/** Runs the whole bench; the tables go to standard output, what goes on meanwhile to standard error. */
export async function runBench(options: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'podium-bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true }))
  const bound = canBind(options.cores)
  const [gatewayCore, loadCore] = bound ? options.cores : [null, null]
  if (!bound)
    say(`taskset cannot bind to cores ${options.cores.join(' and ')}: everything shares all of them.`)
  const profiles = options.profile ? fileURLToPath(new URL('.local/profiles/', import.meta.url)) : null
  if (profiles) mkdirSync(profiles, { recursive: true })

  try {
    const subgraphs = start([here('subgraphs/server.ts')], { core: loadCore, isAsked: true })
    const load = start([here('load.ts')], { core: loadCore, isAsked: true })
    const { urls } = await ask<Listening>(subgraphs)
    const sdl = composeSupergraph(urls)
    const supergraph = join(folder, 'supergraph.graphql')
    writeFileSync(supergraph, sdl)
    const queries = options.queries.map((name) => {
      const text = queryText(name)
      return { name, text, expected: expectedData(sdl, text) }
    })

    const bench = { load, subgraphs }
    const results = await takeTurns({
      ...{ bench, options, supergraph, queries, profiles },
      core: gatewayCore,
      report: say,
    })

    console.log(`\n${machine()}; gateways ${bound ? `bound to core ${gatewayCore}` : 'not bound to a core'}`)
    for (const name of options.contestants) console.log(`${contestants[name].title}: ${versionsOf(name)}`)
    for (const { name, expected } of queries) {
      console.log(`${name} query: an answer of ${JSON.stringify({ data: expected }).length} bytes`)
    }
    console.log(`\n${tables(results, options)}\n`)
    const failures = [...results].filter(([, { failure }]) => failure)
    for (const [key, { failure }] of failures) console.log(`No figures for ${key}: ${failure}`)
    if (profiles) console.log(`Profiles are in ${profiles}`)
    if (failures.length > 0) process.exitCode = 1
  } finally {
    killAll()
  }
}

function say(line: string): void {
  console.error(line)
}

function here(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}
