import {
  execute,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql'
import { errorCodes } from '../../platform/errors.ts'

/** What was sent, and may be anything. */
export type Sent = { query: unknown; variables?: unknown; operationName?: unknown }

/** What came, of HTTP with its status; a message of a stream has none. */
export type Came = { status?: number; body: unknown }

const requestCodes = ['BAD_REQUEST', 'GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'OPERATION_RESOLUTION_FAILURE', 'PERSISTED_QUERY_NOT_FOUND'] // biome-ignore format: one list
const known = new Set<unknown>([...errorCodes, ...requestCodes].filter((code) => code !== 'UNAVAILABLE'))

/** Refusals of requests that are in order, as far as graphql-js can tell. */
const refusals = new Set(['OPERATION_TOO_COMPLEX', 'UNAUTHENTICATED', 'BAD_USER_INPUT', 'FORBIDDEN'])

/**
 * What an answer has that the specifications of GraphQL and GraphQL over HTTP do not allow, or that is our fault; undefined
 * when it is in order. `schema` is what the caller sees.
 */
export function faultOf(schema: GraphQLSchema, sent: Sent, { status, body }: Came): string | undefined {
  if (!isObject(body)) return 'the answer is no object'
  const { data, errors, extensions, ...others } = body
  if (Object.keys(others).length > 0) return `the answer has ${Object.keys(others)}`
  if (extensions !== undefined && !isObject(extensions)) return 'extensions is no object'
  const told = errors === undefined ? undefined : errorsFault(errors)
  if (told) return told
  const operation = readable(schema, sent)
  if (data === undefined) return requestFault(operation, errors, status)
  if (status !== undefined && status !== (errors === undefined ? 200 : 294)) return `data came with ${status}`
  if (!operation) return 'data came for what cannot be run'
  return dataFault(schema, operation, data, (errors ?? []) as GraphQLErrors)
}

type GraphQLErrors = { path?: (string | number)[]; extensions: { code: string } }[]
type Readable = { operation: OperationDefinitionNode; variables: Record<string, unknown>; query: string }

function errorsFault(errors: unknown): string | undefined {
  if (!Array.isArray(errors) || errors.length === 0) return 'errors is no list, or an empty one'
  for (const error of errors) {
    const { message, locations, path, extensions, ...others } = error ?? {}
    if (typeof message !== 'string' || message === '') return 'an error has no message'
    if (Object.keys(others).length > 0) return `an error has ${Object.keys(others)}`
    if (!known.has(extensions?.code)) return `an error has the code ${extensions?.code}: ${message}`
    if (/Did you mean/.test(message)) return `an error suggests: ${message}`
    if (path !== undefined && !isPath(path)) return 'an error has a path that is none'
    if (locations !== undefined && !isLocations(locations)) return 'an error has locations that are none'
  }
  return undefined
}

const isPath = (path: unknown) =>
  Array.isArray(path) && path.every((key) => typeof key === 'string' || Number.isInteger(key))

const isLocations = (locations: unknown) =>
  Array.isArray(locations) && locations.every(({ line, column }) => line >= 1 && column >= 1)

/** What was sent, if graphql-js would run it. */
function readable(schema: GraphQLSchema, { query, variables, operationName }: Sent): Readable | undefined {
  if (typeof query !== 'string' || !isObject(variables ?? {})) return undefined
  if (operationName != null && typeof operationName !== 'string') return undefined
  try {
    const document = parse(query)
    if (validate(schema, document).length > 0) return undefined
    const operation = getOperationAST(document, operationName)
    if (!operation) return undefined
    const given = (variables ?? {}) as Record<string, unknown> // looked at above
    const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], given)
    return errors ? undefined : { operation, variables: given, query }
  } catch {
    return undefined
  }
}

function requestFault(operation: Readable | undefined, errors: unknown, status: number | undefined) {
  if (errors === undefined) return 'there is neither data nor an error'
  if (status !== undefined && (status < 400 || status > 499))
    return `there is no data, and the status is ${status}`
  const codes = (errors as GraphQLErrors).map(({ extensions }) => extensions.code)
  if (!operation || codes.some((code) => refusals.has(code))) return undefined
  // Subscriptions are refused as a whole where their field would be.
  if (operation.operation.operation === 'subscription' && codes.every((code) => known.has(code)) && !codes.some((code) => requestCodes.includes(code))) return undefined // biome-ignore format: one condition
  return `what is in order was refused: ${JSON.stringify(errors)}`
}

/** Data is in order if running the operation on it, by the names of the response, gives the same again. */
function dataFault(
  schema: GraphQLSchema,
  { operation, variables, query }: Readable,
  data: unknown,
  errors: GraphQLErrors,
) {
  // biome-ignore format: one line
  for (const { path } of errors) {
    if (path && !leadsToNull(data, path)) return `an error is told of ${path.join('.')}, and there is a value`
  }
  if (data === null) return errors.length > 0 ? undefined : 'data is null, and no error says why'
  const again = execute({
    schema,
    document: parse(query),
    rootValue: data,
    variableValues: variables,
    operationName: operation.name?.value,
    fieldResolver: (source, _, __, { path }) => source[path.key],
    typeResolver: ({ __typename }) => __typename,
  })
  if ('then' in again) return 'it waits for something'
  const [error] = again.errors ?? []
  if (error) return `${error.path?.join('.')}: ${error.message}`
  const [want, have] = [JSON.stringify(again.data), JSON.stringify(data)]
  return want === have ? undefined : `the data is ${have}, and by its operation ${want}`
}

function leadsToNull(data: unknown, path: readonly (string | number)[]): boolean {
  let value = data
  for (const key of path) {
    if (value === null) return true
    value = (value as Record<string | number, unknown> | undefined)?.[key]
  }
  return value === null || value === undefined
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
