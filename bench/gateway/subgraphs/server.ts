import { graphql } from 'graphql'
import { listenRemembering } from '../../remembering-server.ts'
import { type SubgraphName, subgraphNames, subgraphSchema } from './schemas.ts'

/** What the process says once it listens. */
export type Listening = { urls: Record<SubgraphName, string> }
/** What it says when it is asked: how many requests it has answered. */
export type Answered = { answered: number }

let answered = 0
const countAnswer = () => {
  answered++
}

const urls: Partial<Record<SubgraphName, string>> = {}
for (const name of subgraphNames) {
  const schema = subgraphSchema(name)
  urls[name] = await listenRemembering(
    ({ query, variables, operationName }) =>
      graphql({ schema, source: query, variableValues: variables, operationName }),
    countAnswer,
  )
}

process.on('message', () => process.send?.({ answered } satisfies Answered))
process.on('disconnect', () => process.exit())
process.on('SIGINT', () => {}) // the command ends it
process.send?.({ urls })
