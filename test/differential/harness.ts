import { defaultFieldResolver, type ExecutionResult, execute, type GraphQLOutputType, type GraphQLSchema, isObjectType, OperationTypeNode } from 'graphql' // biome-ignore format: one list
import { createEngine } from '../../gateway/execution/engine.ts'
import { loadSupergraph } from '../../gateway/supergraph.ts'
import { type Asked, composeFixture, fixtureTransports } from '../../gateway/test-support/federation.ts'
import { createLogger } from '../../platform/logger.ts'
import type { Case } from '../operations/case.ts'
import { breakageOf } from './breakage.ts'
import { type Answer, differenceOf } from './compare.ts'
import { damageOf, fieldPath } from './damage.ts'
import { createOracle } from './fixture/oracle.ts'
import { createScene, type Failures } from './fixture/scene.ts'
import { createSubgraphs } from './fixture/subgraphs.ts'

/** The gateway's engine over the fixture's subgraphs beside the oracle. Each check says what is wrong, or undefined. */
export function createHarness() {
  const scene = createScene()
  const subgraphs = createSubgraphs(scene)
  const oracle = createOracle(scene)
  const forgiving = createOracle(scene, { forgiving: true })
  const types = new Map<string, GraphQLOutputType>()
  const watched = watch(createOracle(scene), types)
  const asked: Asked[] = []
  let breakage: ReturnType<typeof breakageOf> | undefined
  const change = (text: string, request: Asked) => breakage?.(text, request) ?? text
  const engine = createEngine({
    supergraph: loadSupergraph(composeFixture(subgraphs)),
    transports: fixtureTransports(subgraphs, { asked, change }),
    limits: { tokens: 100_000, depth: 100, selections: 100_000, aliases: 10_000, rootFields: 1_000 },
    logger: createLogger('silent'),
    cache: CACHE,
  })

  return {
    oracle,
    /** The engine's schema. */
    schema: engine.schema,
    /** Whether the gateway gives what the oracle gives, while these fields and entities fail. */
    async differs(made: Case, failures?: Failures): Promise<string | undefined> {
      const want = await ask(oracle, made, failures)
      const got = await answer(made, failures)
      // What a subgraph lost with a field that failed is not known: it may be told at each.
      if (failures) return differenceOf(want, got, undefined)
      return differenceOf(want, got, async () => {
        const { errors = [] } = await ask(forgiving, made)
        return new Set(errors.map(({ path = [] }) => path.join('.')))
      })
    },
    /** Whether the gateway gives what it can, while subgraphs answer nonsense. */
    async breaks(made: Case, seed: number, rate: number): Promise<string | undefined> {
      // What else would differ if a mutation failed is not known.
      if (isMutation(made)) return undefined
      types.clear()
      const { data } = await ask(watched, made)
      if (data === undefined) return undefined
      const said: string[] = []
      breakage = breakageOf(seed, rate, said)
      try {
        const damage = damageOf(data, await answer(made), types)
        return damage && [damage, ...said].join('\n')
      } finally {
        breakage = undefined
      }
    },
  }

  async function ask(
    schema: GraphQLSchema,
    { document, variables }: Case,
    failures?: Failures,
  ): Promise<ExecutionResult> {
    scene.reset(failures)
    return execute({ schema, document, variableValues: variables })
  }

  async function answer(made: Case, failures?: Failures): Promise<Answer> {
    scene.reset(failures)
    asked.length = 0
    const operation = engine.operation(made.query)
    if (operation.kind === 'subscription') throw new Error('the fixture has no subscriptions')
    return operation.run({ variables: made.variables, caller })
  }
}

/** How many operations are kept: enough for some to be used again, when one is made smaller. */
const CACHE = 20

const caller = { identity: { kind: 'anonymous' as const }, requestId: 'differential' }

/** Notes the types of the fields that are resolved, by their paths. */
function watch(schema: GraphQLSchema, types: Map<string, GraphQLOutputType>): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      const { resolve = defaultFieldResolver } = field
      field.resolve = (source, args, context, info) => {
        types.set(fieldPath(pathOf(info.path)), info.returnType)
        return resolve(source, args, context, info)
      }
    }
  }
  return schema
}

type Linked = { prev: Linked | undefined; key: string | number }

const pathOf = ({ prev, key }: Linked): (string | number)[] => [...(prev ? pathOf(prev) : []), key]

const isMutation = ({ document }: Case) =>
  document.definitions.some((node) => 'operation' in node && node.operation === OperationTypeNode.MUTATION)
