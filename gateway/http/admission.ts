import { ApolloServer, type ApolloServerOptionsWithGateway, type ApolloServerPlugin } from '@apollo/server'
import { ApolloServerPluginCacheControlDisabled, ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled' // biome-ignore format: one list
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema, parse } from 'graphql'
import type { GatewayConfig } from '../../platform/config.ts'
import { operationUnresolved, tooComplex } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import { maskError } from '../../platform/mask-errors.ts'
import { requestId } from '../../platform/request-id.ts'
import { checkOperation } from '../access/operation-limits.ts'
import type { Engine } from '../execution/engine.ts'
import { InvalidOperationError } from '../execution/invalid-operation.ts'
import type { Operation } from '../execution/operation.ts'
import { RequestError } from './request-error.ts'

/** Where Apollo Server leaves what it found to be in order. */
type Context = { admitted: { operation?: Operation } }

/** Judges operations that are not known yet. */
export type Admission = {
  /** An operation that may run. Throws RequestError for one that may not. */
  admit(query: string, operationName: string | undefined, id: string): Promise<Operation>
  stop(): Promise<void>
}

type Options = { config: GatewayConfig; engine: () => Engine; logger: Logger }

/**
 * Apollo Server parses and validates by the rules that it is configured with; the engine compiles what passes. Nothing
 * runs in there, so that operations that are known and those that are not run and are answered in one way.
 */
export async function createAdmission({ config, engine, logger }: Options): Promise<Admission> {
  const { limits, production, introspection } = config
  const schema = createSchemaHolder(engine)
  const apollo = new ApolloServer<Context>({
    gateway: schema.gateway,
    nodeEnv: production ? 'production' : 'development',
    introspection,
    csrfPrevention: false, // it is this server's own before anything comes here
    persistedQueries: false, // the same
    documentStore: null, // the engine keeps what passed
    parseOptions: { maxTokens: limits.tokens },
    hideSchemaDetailsFromClientErrors: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    logger,
    plugins: [
      nameOperations,
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
    ],
    formatError: (formatted, error) => maskError(withoutAdvice(formatted), error, { logger }),
  })
  await apollo.start()

  return {
    async admit(query, operationName, id) {
      checkLimits(query, limits)
      schema.refresh()
      const contextValue: Context = { admitted: {} }
      const { body, http } = await requestId.run(id, () =>
        apollo.executeOperation({ query, operationName }, { contextValue }),
      )
      const { operation } = contextValue.admitted
      if (operation) return operation
      const { errors = [] } = body.kind === 'single' ? body.singleResult : {}
      const isOfDocument = errors.every(({ extensions }) => documentCodes.has(extensions?.code))
      throw new RequestError(http.status ?? 400, errors, { isOfDocument })
    },
    stop: () => apollo.stop(),
  }
}

/** Apollo Server tells its own operator what to do about introspection that is off; the caller can do something else. */
function withoutAdvice(formatted: GraphQLFormattedError): GraphQLFormattedError {
  if (formatted.extensions?.validationErrorCode !== 'INTROSPECTION_DISABLED') return formatted
  return {
    ...formatted,
    message: 'Introspection is off here, save with an API key that has the scope schema:read.',
  }
}

const documentCodes = new Set<unknown>([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
])

/** Length of a token, on average over an operation; far above what anyone writes. */
const TOKEN_LENGTH = 100 // characters

/** Before validation, which costs more than linear time for what the limits exclude. Apollo tells what does not parse. */
function checkLimits(query: string, limits: GatewayConfig['limits']): void {
  try {
    const length = limits.tokens * TOKEN_LENGTH
    if (query.length > length) throw tooComplex(`An operation may have ${length} characters at most.`)
    checkOperation(parse(query, { maxTokens: limits.tokens, noLocation: true }), limits)
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    if (error.extensions.code) throw new RequestError(400, [error.toJSON()])
  }
}

const ofValidation = ({ message, nodes, extensions }: GraphQLError) =>
  new GraphQLError(message, { nodes, extensions: { code: 'GRAPHQL_VALIDATION_FAILED', ...extensions } })

const nameOperations: ApolloServerPlugin<Context> = {
  requestDidStart: async () => ({
    async didResolveOperation({ operation }) {
      // Apollo's type is wrong: a document may have no operation of the name that was given.
      if (operation) return
      const { message, extensions } = operationUnresolved()
      throw new GraphQLError(message, { extensions: { ...extensions, http: { status: 400 } } })
    },
  }),
}

/** The engine's schema as a gateway of Apollo's, told anew whenever the engine is another one. */
function createSchemaHolder(engine: () => Engine) {
  let held: GraphQLSchema | undefined
  let tell: (context: { apiSchema: GraphQLSchema; coreSupergraphSdl: string }) => void = () => {}

  function refresh(): void {
    const { schema } = engine()
    if (schema === held) return
    held = schema
    tell({ apiSchema: schema, coreSupergraphSdl: '' })
  }

  const gateway: ApolloServerOptionsWithGateway<Context>['gateway'] = {
    onSchemaLoadOrUpdate(listener) {
      tell = listener
      return () => {}
    },
    async load() {
      refresh()
      return {
        async executor({ source, document, schema, request, context }) {
          try {
            const current = engine()
            // What was validated against a schema that is gone is validated again.
            const validated = schema === current.schema ? document : undefined
            context.admitted.operation = current.operation(source, request.operationName, validated)
            return { data: null }
          } catch (error) {
            if (error instanceof InvalidOperationError) return { errors: error.errors.map(ofValidation) }
            if (error instanceof GraphQLError) return { errors: [error] }
            throw error
          }
        },
      }
    },
    async stop() {},
  }
  return { gateway, refresh }
}
