import { check, type RunDetails } from 'fast-check'
import { createHarness } from './harness.ts'
import { createProperties } from './properties.ts'

/** Operations of which a fresh gateway runs all; also how often there is a word of progress. */
const BATCH = 1000

const [wanted = '50000', given] = process.argv.slice(2)
const total = Number(wanted)
const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given)
if (!Number.isInteger(total) || !Number.isInteger(seed)) {
  console.error('usage: node gateway/execution/differential/run.ts [operations] [seed]')
  process.exit(2)
}

console.log(`${total} operations, seed ${seed}`)
const started = performance.now()
for (let done = 0; done < total; done += BATCH) {
  const size = Math.min(BATCH, total - done)
  const { properties } = createProperties(createHarness())
  const [answers, failures, nonsense] = Object.entries(properties)
  for (const [entry, share] of [
    [answers, 0.6],
    [failures, 0.25],
    [nonsense, 0.15],
  ] as const) {
    if (!entry) continue
    const [name, property] = entry
    const details = await check(property, { seed: seed + done, numRuns: Math.ceil(size * share) })
    if (details.failed) report(name, details)
  }
  const seconds = (performance.now() - started) / 1000
  console.log(`${done + size} operations, ${seconds.toFixed(0)} s`)
}

/** Says what differs, and ends the run. */
function report(
  name: string,
  { counterexample, errorInstance, seed, counterexamplePath }: RunDetails<unknown>,
): never {
  console.log(`\nNot so: ${name}. Seed ${seed}, path ${counterexamplePath}.`)
  for (const part of counterexample as unknown[]) {
    const isOperation = typeof part === 'object' && part !== null && 'query' in part
    console.log(isOperation ? `${part.query}\nvariables ${JSON.stringify((part as unknown as { variables: unknown }).variables)}` : JSON.stringify(part)) // biome-ignore format: one choice
  }
  console.log(errorInstance instanceof Error ? (errorInstance.message ?? errorInstance) : errorInstance)
  process.exit(1)
}
