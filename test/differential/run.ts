import { check, type RunDetails } from 'fast-check'
import type { Case } from '../operations/case.ts'
import { createHarness } from './harness.ts'
import { createProperties, OPERATIONS } from './properties.ts'

const [wanted = '50000', given] = process.argv.slice(2)
const total = Number(wanted)
const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given)
if (!Number.isInteger(total) || !Number.isInteger(seed)) {
  console.error('usage: npm run differential -- [operations] [seed]')
  process.exit(2)
}

console.log(`${total} operations, seed ${seed}`)
const started = performance.now()
for (let done = 0; done < total; done += OPERATIONS) {
  const size = Math.min(OPERATIONS, total - done)
  for (const { name, share, property } of createProperties(createHarness()).properties) {
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
  const [operation, ...rest] = counterexample as [Case, ...unknown[]] // as the properties have it
  console.log(operation.query)
  console.log('variables', JSON.stringify(operation.variables))
  for (const part of rest) console.log(JSON.stringify(part))
  console.log(errorInstance instanceof Error ? errorInstance.message : errorInstance)
  process.exit(1)
}
