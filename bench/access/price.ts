import { measure } from '../gateway/measure.ts'
import { end } from '../programs.ts'
import { median } from '../table.ts'
import type { Bench, Guards } from './bench.ts'

const ROUNDS = 5
const TIMES = { warmUp: 2_000, duration: 3_000 } // ms
const CONNECTIONS = 50

/** Puts Podium with guards and without under load in turns, and prints what the guards cost of its throughput. */
export async function tellPrice(bench: Bench): Promise<void> {
  const rates: Record<Guards, number[]> = { off: [], on: [] }
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 === 0 ? (['off', 'on'] as const) : (['on', 'off'] as const)
    for (const guards of order) rates[guards].push(await rateOf(bench, guards))
  }
  const [off, on] = [median(rates.off), median(rates.on)]
  console.log(`\nsmall query, ${CONNECTIONS} connections, nothing shared, ${bench.budgets}`)
  console.log(`guards off: ${told(rates.off)}`)
  console.log(`guards on:  ${told(rates.on)}`)
  console.log(`price of the guards: ${((1 - on / off) * 100).toFixed(1)} % of requests per second of CPU`)
}

/** Requests per second of the gateway's CPU; of time, where that is not known. */
async function rateOf({ programs, query, expected, open }: Bench, guards: Guards): Promise<number> {
  const gateway = await open(guards)
  try {
    const job = { query, expected, connections: CONNECTIONS, ...TIMES }
    const { perSecond, cpu } = await measure(programs, gateway, job)
    const rate = perSecond / (cpu ?? 1)
    console.error(
      `guards ${guards}: ${Math.round(perSecond)} a second, ${Math.round(rate)} per second of CPU`,
    )
    return rate
  } finally {
    await end(gateway.program)
  }
}

function told(values: number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return `${Math.round(median(values))} requests per second of CPU (${Math.round(least)} to ${Math.round(most)})`
}
