import { type Bomb, bombs } from '../../gateway/test-support/bombs.ts'
import { end } from '../programs.ts'
import { aligned, decimal, median } from '../table.ts'
import type { Bench } from './bench.ts'
import { openHttp, openWebSocket, type Transport } from './transports.ts'

const TRIES = 20
/** Of the small query, so that it is the gateway's usual speed that bombs are compared to. */
const WARM_UP = 2_000 // requests

/**
 * Sends each bomb over each transport, one after the other and the small query before each, and prints what became of it.
 * False: one was not refused.
 */
export async function tellBombs({ query, budgets, open }: Bench): Promise<boolean> {
  const gateway = await open('on')
  const { port } = gateway
  const small = openHttp(port, 'small query', 'application/json')
  const transports = [
    openHttp(port, 'HTTP', 'application/json'),
    openHttp(port, 'SSE', 'text/event-stream'),
    await openWebSocket(port),
  ]
  try {
    const ask = async () => (await small.send(JSON.stringify({ query }))).time
    for (let count = 0; count < WARM_UP; count++) await ask()
    const rows: string[][] = []
    let areRefused = true
    for (const bomb of bombs) {
      for (const transport of transports) {
        const outcome = await outcomeOf(bomb, transport, ask)
        areRefused &&= outcome.isRefused
        rows.push(rowOf(bomb, transport, outcome))
      }
    }
    console.log(`\nbombs, ${TRIES} each, one after the other over a warm connection, ${budgets}`)
    console.log(aligned([heads, ...rows]).join('\n'))
    if (!areRefused) console.log('NOT ALL WERE REFUSED')
    return areRefused
  } finally {
    for (const transport of [small, ...transports]) transport.close()
    await end(gateway.program)
  }
}

const heads = ['bomb', 'over', 'kB', 'answered', 'median ms', 'worst ms', 'x small query']

type Outcome = { codes: Set<string>; isRefused: boolean; times: number[]; ratio: number }

async function outcomeOf({ body }: Bomb, transport: Transport, ask: () => Promise<number>): Promise<Outcome> {
  const usual: number[] = []
  const times: number[] = []
  const codes = new Set<string>()
  let isRefused = true
  for (let tries = 0; tries < TRIES; tries++) {
    usual.push(await ask())
    const answer = await transport.send(body)
    times.push(answer.time)
    codes.add(answer.code)
    isRefused &&= answer.isRefused
  }
  return { codes, isRefused, times, ratio: median(times) / median(usual) }
}

function rowOf({ name, body }: Bomb, transport: Transport, outcome: Outcome): string[] {
  const { codes, isRefused, times, ratio } = outcome
  return [
    name,
    transport.name,
    `${Math.ceil(body.length / 1_000)}`,
    `${isRefused ? '' : 'NOT REFUSED: '}${[...codes].join(', ')}`,
    decimal(median(times)),
    decimal(Math.max(...times)),
    decimal(ratio),
  ]
}
