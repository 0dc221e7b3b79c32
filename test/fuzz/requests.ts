import { constant, constantFrom, integer, oneof, record, string, tuple } from 'fast-check'
import { Operations } from '../operations/arbitrary.ts'
import type { Case } from '../operations/case.ts'
import type { Sent } from './conformity.ts'
import type { Caller, World } from './world.ts'

/** A request: by whom, which way, and what; `body` is what is sent where it is no JSON of `sent`. */
export type Request = { caller: Caller; way: 'POST' | 'GET' | 'WebSocket' | 'SSE'; sent: Sent; body?: string }

/** Requests by all callers: most in order, some with an operation that was spoilt, some that are hardly requests. */
export function requestsTo({ callers, dialect }: World) {
  return oneof(
    ...callers.map((caller) => {
      const operations = new Operations(caller.schema, dialect)
      return oneof(
        { weight: 12, arbitrary: operations.map((made) => inOrder(caller, made)) },
        { weight: 5, arbitrary: tuple(operations, damage).map(([made, change]) => spoilt(caller, made, change)) }, // biome-ignore format: one thought
        { weight: 2, arbitrary: tuple(operations, integer({ min: 0, max: 9 })).map(([made, nth]) => broken(caller, made, nth)) }, // biome-ignore format: one thought
      )
    }),
  )
}

const kindOf = ({ document }: Case) =>
  document.definitions.map((node) => ('operation' in node ? node.operation : undefined)).find(Boolean)

function inOrder(caller: Caller, made: Case): Request {
  const { query, variables } = made
  const kind = kindOf(made)
  if (kind === 'subscription') {
    return { caller, way: query.length % 2 ? 'WebSocket' : 'SSE', sent: { query, variables } }
  }
  if (kind === 'mutation' || query.length % 7 > 0) return { caller, way: 'POST', sent: { query, variables } }
  // A URL cannot have half a character.
  return { caller, way: 'GET', sent: { query: query.toWellFormed(), variables } }
}

const damage = record({
  at: integer({ min: 0, max: 10_000 }),
  length: integer({ min: 0, max: 6 }),
  text: oneof(
    constantFrom('{', '}', '(', ')', '[', '$', '@', '...', '!', ':', '"', '"""', '#', ' __typename ', ' id ', ' on ', ' query ', ' fragment ', '\u0000', '\ufeff', '😀', '-', '1e999', '0x1', 'null'), // biome-ignore format: one list
    string({ maxLength: 5 }),
    constant(''),
  ),
})

/** An operation in whose text something was replaced. */
function spoilt(
  caller: Caller,
  { query, variables }: Case,
  change: { at: number; length: number; text: string },
): Request {
  // biome-ignore format: one line
  const at = change.at % (query.length + 1)
  const text = query.slice(0, at) + change.text + query.slice(at + change.length)
  return { caller, way: 'POST', sent: { query: text, variables } }
}

/** A request that has something else than it should. */
function broken(caller: Caller, { query, variables }: Case, nth: number): Request {
  const other: Sent[] = [
    { query: 7 },
    { query: [query] },
    { query, variables: 'x' },
    { query, variables: [variables] },
    { query, variables: Object.fromEntries(Object.keys(variables).map((name) => [name, { no: [name] }])) },
    { query, variables, operationName: 'None' },
    { query, variables, operationName: { a: 1 } },
  ]
  const sent = other[nth]
  if (sent) return { caller, way: 'POST', sent }
  const whole = JSON.stringify({ query, variables })
  const body = [whole.slice(0, whole.length / 2), `[${whole}]`, 'null'][nth - other.length]
  return { caller, way: 'POST', sent: { query: undefined }, ...(body !== undefined && { body }) }
}
