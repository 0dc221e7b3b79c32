import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { GraphQLFormattedError } from 'graphql'
import type { Caller, Identity } from '../../platform/identity.ts'
import type { Logger } from '../../platform/logger.ts'
import type { OperationResult } from '../execution/result.ts'
import {
  createTelling,
  isComplete,
  resolveEvent,
  type Source,
  type SourceEvent,
  watchSource,
} from './source.ts'

/** How long an answer is good for others who ask. */
const REMEMBERED = 5_000 // ms

/** How often what subgraphs that are away made differ is compared again, and how long after. */
const COMPARISONS = 3
const PAUSE = 200 // ms

/** How long a first event is waited for: longer than for a subgraph that is away. */
const LONGEST = 40_000 // ms

export type Verdict =
  /** The caller would get what the gateway gets on its own behalf. */
  | { outcome: 'admitted' }
  /** The caller gets something else. */
  | { outcome: 'differs' }
  /** The caller gets nothing; or there is no telling now. */
  | { outcome: 'refused' | 'unavailable'; errors: GraphQLFormattedError[] }

export type Admission = {
  /** Whether a caller may have what is watched on behalf of the gateway. */
  admit(caller: Caller): Promise<Verdict>
  /** The same, whatever was found before. */
  forget(): void
  /** Nobody waits any more. */
  close(): void
}

/**
 * Judges by the first frame. What anyone may see, everyone may; else each is judged by their own: the field itself has to come,
 * and what other subgraphs add to it has to be, byte for byte, what they add for the gateway. That much is enough, since
 * what else depends on who asks is marked in the schema, and then nothing is shared.
 */
export function createAdmission({
  source,
  gateway,
  logger,
}: {
  source: () => Source
  gateway: Caller
  logger: Logger
}): Admission {
  const closing = new AbortController()
  const judging = { source, gateway, logger, signal: closing.signal }
  const remembered = new Map<string, { verdict: Promise<Verdict>; until: number }>()

  function ask(caller: Caller): Promise<Verdict> {
    const key = identityKey(caller.identity)
    const known = remembered.get(key)
    if (known && known.until > Date.now()) return known.verdict
    const verdict = judge(judging, caller)
    // Until it is there nobody knows how long it takes.
    const entry = { verdict, until: Number.POSITIVE_INFINITY }
    remembered.set(key, entry)
    const forgetIn = (time: number) => {
      entry.until = Date.now() + time
      setTimeout(() => remembered.get(key) === entry && remembered.delete(key), time).unref()
    }
    verdict.then(
      ({ outcome }) => {
        // Who is refused may join and come back at once; what anyone is told, whoever asks next is told.
        const isToldAgain = outcome !== 'refused' || caller.identity.kind === 'anonymous'
        forgetIn(isToldAgain ? REMEMBERED : 0)
      },
      () => forgetIn(0),
    )
    return verdict
  }

  return {
    async admit(caller) {
      const anyone = await ask(anonymous())
      const isAll = anyone.outcome === 'admitted' || anyone.outcome === 'unavailable'
      return isAll || caller.identity.kind === 'anonymous' ? anyone : ask(caller)
    },
    forget: () => remembered.clear(),
    close() {
      remembered.clear()
      closing.abort()
    },
  }
}

const anonymous = (): Caller => ({ identity: { kind: 'anonymous' }, requestId: randomUUID() })

/** Who is the same viewer: a person in whatever session, and programs that act for one within the same scopes. */
export function identityKey(identity: Identity): string {
  if (identity.kind !== 'person') return identity.kind
  const { id, role, scopes, isProgram = false } = identity
  return JSON.stringify([id, role, scopes, isProgram])
}

type Judging = { source: () => Source; gateway: Caller; logger: Logger; signal: AbortSignal }

async function judge(
  { source: present, gateway, logger, signal }: Judging,
  caller: Caller,
): Promise<Verdict> {
  const source = present()
  const first = await firstEvent(source, caller, signal)
  if ('errors' in first) {
    const isAway = first.errors.every(({ extensions }) => extensions?.code === 'UNAVAILABLE')
    const errors = createTelling({ logger, requestId: caller.requestId }).failure(source, first.errors)
    return { outcome: isAway ? 'unavailable' : 'refused', errors }
  }
  for (let comparison = 1; ; comparison++) {
    const [own, ours] = await Promise.all(
      [caller, gateway].map((asking) => resolveEvent(source, first.event, asking)),
    )
    if (!own || !ours) throw new Error('two were resolved')
    if (isSame(own, ours)) return { outcome: 'admitted' }
    const isCertain = isComplete(own, source) && isComplete(ours, source)
    if (isCertain || comparison === COMPARISONS) return { outcome: 'differs' }
    await sleep(PAUSE)
  }
}

const isSame = (a: OperationResult, b: OperationResult) =>
  a.data === b.data && JSON.stringify(a.errors) === JSON.stringify(b.errors)

type First = { event: SourceEvent } | { errors: readonly GraphQLFormattedError[] }

/** The first event; without errors there is none, as once the signal says that nobody waits for it. */
function firstEvent(source: Source, caller: Caller, signal: AbortSignal): Promise<First> {
  return new Promise((resolve) => {
    let isSettled = false
    let stop: (() => void) | undefined
    const settle = (first: First) => {
      isSettled = true
      signal.removeEventListener('abort', leave)
      clearTimeout(timer)
      stop?.()
      resolve(first)
    }
    const leave = () => settle({ errors: [] })
    const timer = setTimeout(leave, LONGEST)
    if (signal.aborted) return leave()
    signal.addEventListener('abort', leave)
    stop = watchSource(source, () => source.primary, caller, {
      next: (event) => settle({ event }),
      fail: (errors) => settle({ errors }),
      end: () => settle({ errors: [] }),
    })
    if (isSettled) stop()
  })
}
