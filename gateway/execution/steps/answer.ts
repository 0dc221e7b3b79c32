import { unavailable } from '../../../platform/errors.ts'
import type { Fault } from '../faults.ts'
import { type Data, isData } from './data.ts'

/** What a subgraph answered. */
export type Answer = { data: Data | null; errors: SubgraphFault[] }

/** An error of a subgraph with its path in the request to it. */
export type SubgraphFault = { fault: Fault; path: (string | number)[] | undefined }

/** Reads the text of an answer; null when it is none of GraphQL. */
export function readAnswer(text: string, subgraph: string): Answer | null {
  return toAnswer(parseJson(text), subgraph)
}

/** The same of what was parsed. */
export function toAnswer(answer: unknown, subgraph: string): Answer | null {
  if (!isData(answer)) return null
  const { data = null, errors = [] } = answer
  if (!(data === null || isData(data)) || !Array.isArray(errors)) return null
  if (data === null && errors.length === 0) return null
  return { data, errors: readErrors(errors, subgraph) }
}

/** What a request costs whose subgraph gave no answer that is one. */
export function unanswered(subgraph: string): Fault {
  const { message } = unavailable()
  return { message, code: 'UNAVAILABLE', subgraph }
}

/** Errors as a subgraph sent them. */
export const readErrors = (errors: readonly unknown[], subgraph: string): SubgraphFault[] =>
  errors.map((error) => readError(error, subgraph))

function readError(error: unknown, subgraph: string): SubgraphFault {
  const { message, path, extensions }: Data = isData(error) ? error : {}
  const code = isData(extensions) ? extensions.code : undefined
  return {
    fault: {
      message: typeof message === 'string' ? message : 'A subgraph failed.',
      code: typeof code === 'string' ? code : 'INTERNAL_SERVER_ERROR',
      subgraph,
    },
    path: Array.isArray(path) && path.every(isStep) ? path : undefined,
  }
}

const isStep = (step: unknown) => typeof step === 'string' || typeof step === 'number'

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What is missing where a subgraph answered something of another kind. */
export const nonsense: Fault = {
  message: 'A subgraph answered what it was not asked for.',
  code: 'INTERNAL_SERVER_ERROR',
}
