import { graphql } from 'graphql'
import { listenRemembering } from '../../remembering-server.ts'
import { listenBoard } from './board.ts'
import { type SubgraphName, subgraphSchema } from './schemas.ts'

/** What the process says once it listens. */
export type Listening = { urls: Record<SubgraphName, string> }
/** What it is asked: to begin changing the board this often a second, to stop, or nothing but how things stand. */
export type Order = { publish?: number | 'stop' }
/** How things stand: requests that the users subgraph has answered, and the stamps of the changes since they last began. */
export type Standing = { answered: number; stamps: number[] }

const standing: Standing = { answered: 0, stamps: [] }
let changes: NodeJS.Timeout | undefined

const board = await listenBoard(subgraphSchema('board'))
const schema = subgraphSchema('users')
const users = await listenRemembering(
  ({ query, variables, operationName }) =>
    graphql({ schema, source: query, variableValues: variables, operationName }),
  () => {
    standing.answered++
  },
)

process.on('message', ({ publish }: Order) => {
  if (publish !== undefined) clearTimeout(changes)
  if (typeof publish === 'number') {
    standing.stamps = []
    change(performance.now(), 1_000 / publish)
  }
  process.send?.(standing)
})
process.on('disconnect', () => process.exit())
process.on('SIGINT', () => {}) // the command ends it
process.send?.({ urls: { board: board.url, users } } satisfies Listening)

/** Changes the board at `due`, in ms, and then every `interval`; a change that is late does not put off the next. */
function change(due: number, interval: number): void {
  changes = setTimeout(
    () => {
      standing.stamps.push(board.publish())
      change(due + interval, interval)
    },
    Math.max(0, due - performance.now()),
  )
}
