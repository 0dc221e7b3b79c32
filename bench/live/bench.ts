import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { versionsOf } from '../gateway/versions.ts'
import { ask, canBind, end, killAll, start } from '../programs.ts'
import { machine, versions } from '../versions.ts'
import { type ContestantName, contestants } from './contestants.ts'
import { allowSockets } from './open-files.ts'
import type { Options } from './options.ts'
import { recordMessage } from './record.ts'
import { tables } from './report.ts'
import type { Listening } from './subgraphs/server.ts'
import { composeSupergraph } from './supergraph.ts'
import { isCarried, startContestant, takeTurns } from './turns.ts'
import { verdicts } from './verdicts.ts'

/** Runs the whole bench; the tables go to standard output, what goes on meanwhile to standard error. */
export async function runBench(asked: Options): Promise<void> {
  const options = { ...asked, sockets: possible(asked.sockets) }
  const folder = mkdtempSync(join(tmpdir(), 'podium-bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true }))
  const bound = canBind(options.cores)
  const [core, loadCore] = bound ? options.cores : [null, null]
  if (!bound)
    say(`taskset cannot bind to cores ${options.cores.join(' and ')}: everything shares all of them.`)
  const profiles = options.profile ? fileURLToPath(new URL('.local/profiles/', import.meta.url)) : null
  if (profiles) mkdirSync(profiles, { recursive: true })

  try {
    const subgraphs = start([here('subgraphs/server.ts')], { core: loadCore, isAsked: true })
    const { urls } = await ask<Listening>(subgraphs)
    const clients = Array.from({ length: options.processes }, () =>
      start([here('clients.ts')], { core: loadCore, isAsked: true }),
    )
    const supergraph = join(folder, 'supergraph.graphql')
    writeFileSync(supergraph, composeSupergraph(urls))

    const place = { options, core, profiles, supergraph, board: urls.board }
    const message = await messageOfOurs(place)
    const results = await takeTurns({ ...place, bench: { clients, subgraphs }, message, report: say })

    console.log(`\n${machine()}; gateways ${bound ? `bound to core ${core}` : 'not bound to a core'}`)
    for (const name of options.contestants) console.log(`${contestants[name].title}: ${madeOf(name)}`)
    console.log(`a message of ${message.length} bytes`)
    console.log(`\n${tables(results)}\n`)
    for (const line of verdicts(results)) console.log(line)
    for (const { name, sockets, failure } of results) {
      if (failure) console.log(`No figures for ${contestants[name].title} at ${sockets}: ${failure}`)
    }
    if (profiles) console.log(`Profiles are in ${profiles}`)
    // Those that work for each reader go up until they fail.
    const hasFailed = results.some((result) => !contestants[result.name].isPerReader && result.failure)
    if (hasFailed || !results.some(isCarried)) process.exitCode = 1
  } finally {
    killAll()
  }
}

async function messageOfOurs(place: Omit<Parameters<typeof startContestant>[1], 'message'>): Promise<string> {
  const { program, port } = await startContestant('ours', { ...place, profiles: null, message: '' })
  try {
    return await recordMessage(port)
  } finally {
    await end(program)
  }
}

/** Those counts that the limit of open files allows. */
function possible(counts: number[]): number[] {
  const most = Math.max(...counts)
  const allowed = allowSockets(most)
  if (allowed < most) {
    say(
      `A process may open too few files for ${most} sockets, and the limit cannot be raised: ${allowed} at most.`,
    )
  }
  return [...new Set(counts.map((count) => Math.min(count, allowed)))]
}

function madeOf(name: ContestantName): string {
  if (name === 'hive') return versionsOf('hive-rust')
  return versions(
    new URL('../../node_modules/', import.meta.url),
    name === 'bare' ? ['ws'] : ['ws', 'undici', 'graphql'],
  )
}

function say(line: string): void {
  console.error(line)
}

function here(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}
