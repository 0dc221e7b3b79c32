import type { FetchNode } from '@apollo/query-planner'
import type { Logger } from '../../../platform/logger.ts'
import { reasonOf } from '../../transport/reason.ts'
import { LeftAloneError, type Transport } from '../../transport/transport.ts'
import type { KeysOf } from '../key-fields.ts'
import { type Answer, readAnswer } from './answer.ts'
import type { RequirementsOf } from './dependents.ts'
import { createDisclosure } from './disclosure.ts'
import type { IsConcrete } from './merge.ts'
import type { IsListField } from './representation.ts'
import type { IsOfType } from './rewrites.ts'
import type { Run } from './run.ts'

/** How much of an answer that is none is logged. */
const EXCERPT = 200 // characters

/** What requests are compiled against. */
export type FetchContext = {
  transports: Readonly<Record<string, Transport>>
  logger: Logger
  /** Whether messages of a subgraph's errors are for clients. */
  isTrusted: (subgraph: string) => boolean
  isOfType: IsOfType
  isConcrete: IsConcrete
  keysOf: KeysOf
  isListField: IsListField
  /** What a field of a type @requires in a subgraph. */
  requirementsOf: (subgraph: string, ...field: Parameters<RequirementsOf>) => ReturnType<RequirementsOf>
  /** The client's name of a variable of the plan. */
  variableOf: (name: string) => string
}

/** Sends a plan's operation; what follows its variables is given as text. Resolves to null when there is no answer of GraphQL. */
export function requestOf(node: FetchNode, context: FetchContext) {
  const { transports, logger, variableOf } = context
  const { serviceName: subgraph, variableUsages = [], operationKind } = node
  const transport = transports[subgraph]
  if (!transport) throw new Error(`there is no subgraph ${subgraph}`)
  const disclose = createDisclosure(subgraph, context)
  const kind = operationKind === 'mutation' ? 'mutation' : 'query'
  const beginning = `{"query":${JSON.stringify(node.operation)}`
  const names = variableUsages.map((name) => [variableOf(name), JSON.stringify(name)] as const)

  return async (run: Run, more: string): Promise<Answer | null> => {
    const { requestId } = run.caller
    let variables = more
    for (const [name, key] of names) {
      const value = run.variables[name]
      if (value !== undefined) variables += `${variables ? ',' : ''}${key}:${JSON.stringify(value)}`
    }
    const body = variables ? `${beginning},"variables":{${variables}}}` : `${beginning}}`
    try {
      const text = await transport.send({ body, kind, caller: run.caller })
      const answer = readAnswer(text, subgraph)
      if (answer) return { data: answer.data, errors: disclose(answer.errors, requestId) }
      logger.warn(
        { subgraph, requestId, text: text.slice(0, EXCERPT) },
        'a subgraph gave an answer that is none of GraphQL',
      )
    } catch (error) {
      const level = error instanceof LeftAloneError ? 'debug' : 'warn'
      logger[level]({ subgraph, requestId, error: reasonOf(error) }, 'a subgraph did not answer')
    }
    return null
  }
}

/** A request is done with, or was not needed. */
export function noted(run: Run, { id }: FetchNode): undefined {
  if (id !== undefined) run.parts?.note(id)
}
