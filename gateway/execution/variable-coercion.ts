import {
  coerceInputValue,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
  type VariableDefinitionNode,
  valueFromAST,
} from 'graphql'

/** How many faults are told at once, and how much of each. */
const MOST = 5
const LONGEST = 300 // characters

type Coerced = { coerced: Record<string, unknown>; errors: GraphQLFormattedError[] | undefined }

type Fail = (message: string) => void

class TooManyFaults extends Error {}

/**
 * Coerces variables as an operation declares them; those that conditions go by are true or false. Faults are told
 * without the values they are in: graphql-js's getVariableValues prints a value whole in every fault of it, which for a
 * request of a megabyte is a second's work.
 */
export function variableCoercion(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  conditions: readonly string[],
): (variables: Readonly<Record<string, unknown>>) => Coerced {
  const declared = variableDefinitions.map((definition) => readerOf(schema, definition))
  return (variables) => {
    const coerced: Record<string, unknown> = Object.create(null)
    const faults: GraphQLFormattedError[] = []
    const tell = (message: string, nodes?: VariableDefinitionNode) => {
      const { locations } = new GraphQLError('', { nodes })
      faults.push({ message: cut(message), locations, extensions: { code: 'BAD_USER_INPUT' } })
    }
    try {
      for (const { definition, read } of declared) {
        read(variables, coerced, (message) => {
          if (faults.length >= MOST) throw new TooManyFaults()
          tell(message, definition)
        })
      }
    } catch (error) {
      if (!(error instanceof TooManyFaults)) throw error
      tell('The variables have more faults than are told here.')
    }
    if (faults.length > 0) return { coerced, errors: faults }
    const nulls = conditions.filter((name) => coerced[name] === null)
    for (const name of nulls) tell(`Variable "$${name}" is a condition and must not be null.`)
    return { coerced, errors: faults.length > 0 ? faults : undefined }
  }
}

/** Reads one variable into those that are coerced. */
function readerOf(schema: GraphQLSchema, definition: VariableDefinitionNode) {
  const name = definition.variable.name.value
  const type = inputTypeOf(schema, definition)
  const byDefault = definition.defaultValue && valueFromAST(definition.defaultValue, type)

  function read(
    given: Readonly<Record<string, unknown>>,
    coerced: Record<string, unknown>,
    fail: Fail,
  ): void {
    const value = given[name]
    if (!Object.hasOwn(given, name)) {
      if (byDefault !== undefined) coerced[name] = byDefault
      else if (isNonNullType(type)) fail(`Variable "$${name}" of required type "${type}" was not provided.`)
    } else if (value === null && isNonNullType(type)) {
      fail(`Variable "$${name}" of non-null type "${type}" must not be null.`)
    } else {
      const onFault = (path: readonly (string | number)[], _: unknown, { message }: GraphQLError) =>
        fail(`Variable "$${name}" got an invalid value${placeOf(name, path)}; ${message}`)
      coerced[name] = coerceInputValue(value, type, onFault, true)
    }
  }
  return { definition, read }
}

function inputTypeOf(schema: GraphQLSchema, { type }: VariableDefinitionNode): GraphQLInputType {
  const found = typeFromAST(schema, type)
  if (!isInputType(found)) throw new Error('the type of a variable is not one of inputs') // no valid operation has such
  return found
}

function placeOf(name: string, path: readonly (string | number)[]): string {
  const steps = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
  return path.length > 0 ? ` at "${name}${steps.join('')}"` : ''
}

const cut = (message: string) => (message.length > LONGEST ? `${message.slice(0, LONGEST)}…` : message)
