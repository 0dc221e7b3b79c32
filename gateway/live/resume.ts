import {
  type FieldNode,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getVariableValues,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  visit,
} from 'graphql'

/** The variable and the alias that are ours, named as no client's operation is likely to be. */
const VARIABLE = 'podiumResumeAfter'
const ALIAS = 'podiumResumeId'

/** An operation on one subgraph. */
export type SubgraphOperation = { query: string; variables?: Record<string, unknown> }

/** An operation that can be sent again after it broke off. */
export type Resumable = {
  /** Whether every event counts; else each is the whole state, and the latest is enough. */
  everyEventCounts: boolean
  /** What to send now. */
  operation(): SubgraphOperation
  /** Notes an event, so that the operation goes on after it. */
  saw(data: Record<string, unknown>): void
}

/**
 * Makes a subscription's primary operation resumable. A field with an argument `after` is a log: its events have ids,
 * each counts, and it goes on after the last one that came. Any other begins with the state as it is.
 */
export function resumable(operation: SubgraphOperation, schema: GraphQLSchema): Resumable {
  const document = parse(operation.query)
  // A primary operation is one definition with one field: the planner has written its fragments out.
  const definition = document.definitions[0] as OperationDefinitionNode
  const field = definition.selectionSet.selections[0] as FieldNode
  const declared = schema.getSubscriptionType()?.getFields()[field.name.value]
  const type = declared && getNamedType(declared.type)
  if (!declared?.args.some(({ name }) => name === 'after') || !isObjectType(type) || !type.getFields().id) {
    return { everyEventCounts: false, operation: () => operation, saw: () => {} }
  }
  const key = (field.alias ?? field.name).value
  const { coerced } = getVariableValues(
    schema,
    definition.variableDefinitions ?? [],
    operation.variables ?? {},
  )
  let after: unknown = getArgumentValues(declared, field, coerced).after ?? null
  const { query, names } = withCursor(definition, field)
  const variables = Object.fromEntries(
    Object.entries(operation.variables ?? {}).filter(([name]) => names.has(name)),
  )
  return {
    everyEventCounts: true,
    operation: () => ({ ...operation, query, variables: { ...variables, [VARIABLE]: after } }),
    saw(data) {
      const event = data[key] as { [ALIAS]?: string } | null | undefined
      after = event?.[ALIAS] ?? after
    },
  }
}

/** The operation with `after` as a variable of ours and with the id of its events, and the client's variables it still uses. */
function withCursor(definition: OperationDefinitionNode, field: FieldNode) {
  const { definitions } = parse(
    `subscription($${VARIABLE}: ID) { field(after: $${VARIABLE}) { ${ALIAS}: id } }`,
  )
  const model = definitions[0] as OperationDefinitionNode
  const modelField = model.selectionSet.selections[0] as FieldNode
  const changed: FieldNode = {
    ...field,
    arguments: [
      ...(field.arguments ?? []).filter(({ name }) => name.value !== 'after'),
      ...(modelField.arguments ?? []),
    ],
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: [...(field.selectionSet?.selections ?? []), ...(modelField.selectionSet?.selections ?? [])],
    },
  }
  const names = new Set<string>()
  visit(changed, { Variable: ({ name }) => void names.add(name.value) })
  const variableDefinitions = [
    ...(definition.variableDefinitions ?? []),
    ...(model.variableDefinitions ?? []),
  ]
  const operation: OperationDefinitionNode = {
    ...definition,
    variableDefinitions: variableDefinitions.filter(({ variable }) => names.has(variable.name.value)),
    selectionSet: { kind: Kind.SELECTION_SET, selections: [changed] },
  }
  return { query: print(operation), names }
}
