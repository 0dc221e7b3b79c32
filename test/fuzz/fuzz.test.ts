import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { asyncProperty, check } from 'fast-check'
import { faultOf } from './conformity.ts'
import { leakIn } from './leaks.ts'
import { type Request, requestsTo } from './requests.ts'
import { send } from './send.ts'
import { openWorld, type World } from './world.ts'

/** How long it goes on. */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 60)
/** Every test run sends the same, so that it fails for what has changed; `npm run fuzz` looks further. */
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_121)

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

test(
  'whatever is asked, by whomever, is answered as the specification says, without a fault of ours and without a leak',
  async () => {
    const sent = new Map<string, number>()
    const property = asyncProperty(requestsTo(world), async (request) => {
      const outcome = await tried(request)
      sent.set(outcome.kind, (sent.get(outcome.kind) ?? 0) + 1)
      if (outcome.fault) throw new Error(outcome.fault)
    })
    const { failed, counterexample, errorInstance } = await check(property, {
      seed: SEED,
      numRuns: Number.MAX_SAFE_INTEGER,
      interruptAfterTimeLimit: SECONDS * 1_000,
    })
    process.stderr.write(`seed ${SEED}: ${[...sent].map(([kind, count]) => `${count} ${kind}`).join(', ')}\n`)
    if (failed) throw new Error(`seed ${SEED}: ${errorInstance}\n${told(counterexample?.[0])}`)
    // Of what was sent enough was in order, and was answered.
    const total = [...sent.values()].reduce((sum, count) => sum + count, 0)
    const answered = (sent.get('answered') ?? 0) + (sent.get('answered in part') ?? 0)
    expect(answered).toBeGreaterThan(total / 3)
  },
  (SECONDS + 120) * 1_000,
)

/** Sends a request; signs in anew, and sends it again, where the session was ended by another. */
async function tried(request: Request): Promise<{ kind: string; fault?: string | undefined }> {
  const { caller, sent } = request
  let came = await send(world.url, request)
  if (came?.text.includes('UNAUTHENTICATED') && request.caller.token() !== undefined) {
    await caller.renew()
    came = await send(world.url, request)
  }
  if (came === null) return { kind: 'silent' }
  const isAdmin = caller.name === 'an administrator'
  const others = isAdmin ? [] : world.callers.filter((other) => other !== caller)
  const fault =
    faultOf(caller.schema, sent, came) ??
    leakIn(
      came.text,
      others.flatMap(({ secrets }) => secrets()),
    )
  return { kind: kindOf(came.body), fault: fault && `${fault}\n${came.text.slice(0, 2_000)}` }
}

function kindOf(body: unknown): string {
  const { data, errors } = (body ?? {}) as { data?: unknown; errors?: unknown }
  return data === undefined ? 'refused' : errors === undefined ? 'answered' : 'answered in part'
}

function told(request: Request | undefined): string {
  if (!request) return ''
  const { caller, way, sent, body } = request
  return `${caller.name} by ${way}\n${body ?? `${sent.query}\n${JSON.stringify(sent.variables)}`}`
}
