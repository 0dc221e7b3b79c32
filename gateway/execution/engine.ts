import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getNullableType,
  getOperationAST,
  isAbstractType,
  isListType,
  isObjectType,
  parse,
  validate,
} from 'graphql'
import { operationUnresolved } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import { checkOperation } from '../access/operation-limits.ts'
import type { LoadedSupergraph } from '../supergraph.ts'
import type { Transport } from '../transport/transport.ts'
import { type CompileContext, compileOperation } from './compile-operation.ts'
import { InvalidOperationError } from './invalid-operation.ts'
import { readKeys } from './key-fields.ts'
import type { Operation } from './operation.ts'
import { fieldNamesOf } from './planning-form.ts'

/** Runs operations on one supergraph. */
export type Engine = {
  /** What clients see. */
  readonly schema: GraphQLSchema
  /** An operation that is kept, by its text; undefined for one that is not. */
  known(query: string, operationName?: string | null): Operation | undefined
  /**
   * An operation, kept from now on. A document that was parsed, checked and validated against `schema` already is taken as it is. Throws
   * GraphQLError or InvalidOperationError for one that cannot be run.
   */
  operation(query: string, operationName?: string | null, document?: DocumentNode): Operation
  /** The kept operations, the one that was used last first: what a successor is warmed with. */
  kept(): { query: string; operationName: string | null }[]
}

/** What an operation counts for at least, in fields: of larger ones fewer are kept. */
const ORDINARY = 50

/** `cache` is how many operations are kept, of ordinary size. */
export function createEngine(options: {
  supergraph: LoadedSupergraph
  transports: Readonly<Record<string, Transport>>
  limits: { tokens: number } & Parameters<typeof checkOperation>[1]
  logger: Logger
  cache: number
  /** How long a list is taken to be, for its cost, that the supergraph says nothing of. */
  listSize?: number
  /** Subgraphs whose errors clients may read as they are; undefined: all. */
  trusted?: ReadonlySet<string>
}): Engine {
  const { supergraph, limits, cache } = options
  const { schema } = supergraph
  const context = contextOf(options)
  const kept = new Map<string, Kept>()
  let fields = 0

  return {
    schema,
    known: (query, operationName) => use(keyOf(query, operationName)),
    operation(query, operationName, document) {
      const key = keyOf(query, operationName)
      return (
        use(key) ??
        keep(key, {
          query,
          operationName: operationName ?? null,
          operation: compile(query, operationName, document),
        })
      )
    },
    kept: () =>
      Array.from(kept.values(), ({ query, operationName }) => ({ query, operationName })).toReversed(),
  }

  /** Takes an operation to the end of what is kept: the first is always the one that was not used for longest. */
  function use(key: string): Operation | undefined {
    const found = kept.get(key)
    if (!found) return undefined
    kept.delete(key)
    kept.set(key, found)
    return found.operation
  }

  function keep(key: string, entry: Kept): Operation {
    kept.set(key, entry)
    fields += entry.operation.size
    for (const [oldest, { operation }] of kept) {
      if (oldest === key || (kept.size <= cache && fields <= cache * ORDINARY)) break
      kept.delete(oldest)
      fields -= operation.size
    }
    return entry.operation
  }

  function compile(
    query: string,
    operationName: string | null | undefined,
    given: DocumentNode | undefined,
  ): Operation {
    if (!given) check(query)
    // What is kept of an operation is without places in its text, which take more memory than all the rest.
    const document = parse(query, { noLocation: true, maxTokens: limits.tokens })
    const operation = getOperationAST(document, operationName)
    if (!operation) throw operationUnresolved()
    return compileOperation(document, operation, context)
  }

  function check(query: string): void {
    const document = parsed(query, limits.tokens)
    checkOperation(document, limits)
    const faults = validate(schema, document)
    if (faults.length > 0) throw new InvalidOperationError(faults)
  }
}

type Kept = { query: string; operationName: string | null; operation: Operation }

const keyOf = (query: string, operationName: string | null | undefined) =>
  operationName ? `${operationName}\n${query}` : query

function parsed(query: string, maxTokens: number): DocumentNode {
  try {
    return parse(query, { maxTokens })
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    const { message, source, positions } = error
    throw new GraphQLError(message, { source, positions, extensions: { code: 'GRAPHQL_PARSE_FAILED' } })
  }
}

function contextOf(options: Parameters<typeof createEngine>[0]): CompileContext {
  const { supergraph, transports, logger, trusted, listSize = 10 } = options
  const { supergraphSchema } = supergraph
  const isConcrete = (typename: unknown) => isObjectType(supergraphSchema.getType(String(typename)))
  const isOfType = (typename: unknown, name: string) => {
    if (typename === name) return true
    const [type, narrower] = [supergraphSchema.getType(name), supergraphSchema.getType(String(typename))]
    if (!isAbstractType(type) || !narrower) return false
    return 'getInterfaces' in narrower && supergraphSchema.isSubType(type, narrower)
  }
  return {
    supergraph,
    transports,
    logger,
    isTrusted: (subgraph) => trusted?.has(subgraph) ?? true,
    isConcrete,
    isOfType,
    requirementsOf: supergraph.mending.required.requirementsOf,
    isListField(typename, field) {
      const type = supergraphSchema.getType(String(typename))
      const found = type && 'getFields' in type ? type.getFields()[field] : undefined
      return found && isListType(getNullableType(found.type))
    },
    keysOf: readKeys(supergraph.sdl, isOfType),
    fieldNames: fieldNamesOf(supergraphSchema),
    listSize,
  }
}
