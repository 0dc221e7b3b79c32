import { parseJson } from './json.ts'
import { badRequest } from './request-error.ts'

/** What a request asks for. An operation without text is named by `documentId` or by the hash in `extensions`. */
export type Parameters = {
  query: string | undefined
  documentId: string | undefined
  operationName: string | undefined
  variables: Record<string, unknown> | undefined
  extensions: Record<string, unknown> | undefined
}

/** The parameters in a body. Throws RequestError for what is not a GraphQL request. */
export function parametersOfBody(body: Buffer): Parameters {
  const request = parseJson(body.toString())
  if (Array.isArray(request)) throw badRequest('Operations are sent one by one, not in a list.')
  if (!isMap(request)) throw badRequest('The body must be a JSON object.')
  const { query, documentId, operationName, variables, extensions } = request
  return parameters({ query, documentId, operationName, variables, extensions })
}

/** The parameters in a URL. Throws RequestError for what is not a GraphQL request. */
export function parametersOfUrl(url: string): Parameters {
  const search = new URLSearchParams(url.slice(url.indexOf('?') + 1 || url.length))
  const one = (name: string) => {
    const [value, another] = search.getAll(name)
    if (another !== undefined) throw badRequest(`${name} may be given once.`)
    return value || undefined // empty is as if not given
  }
  const json = (name: string) => {
    const text = one(name)
    return text === undefined ? undefined : parseJson(text, `${name} must be a JSON object.`)
  }
  return parameters({
    query: one('query'),
    documentId: one('documentId'),
    operationName: one('operationName'),
    variables: json('variables'),
    extensions: json('extensions'),
  })
}

function parameters(given: Record<keyof Parameters, unknown>): Parameters {
  return {
    query: optional(given.query, isString, 'query must be a string.') || undefined,
    documentId: optional(given.documentId, isString, 'documentId must be a string.') || undefined,
    operationName: optional(given.operationName, isString, 'operationName must be a string.') || undefined,
    variables: optional(given.variables, isMap, 'variables must be an object.'),
    extensions: optional(given.extensions, isMap, 'extensions must be an object.'),
  }
}

function optional<T>(value: unknown, is: (value: unknown) => value is T, rule: string): T | undefined {
  if (value === undefined || value === null) return undefined
  if (!is(value)) throw badRequest(rule)
  return value
}

const isString = (value: unknown) => typeof value === 'string'

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
