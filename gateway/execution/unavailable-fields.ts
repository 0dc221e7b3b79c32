import { type FieldNode, type FragmentDefinitionNode, type GraphQLFormattedError, Kind, parse, type SelectionSetNode } from 'graphql' // biome-ignore format: one list
import { unavailable } from '../../platform/errors.ts'

/** No answer names more lost fields than this. */
const LIMIT = 100

/**
 * The errors of a fetch that brought nothing: one for each field that it was to bring, at its path in the fetch, which
 * the executor makes a path in the client's operation.
 */
export function unavailableFields(fetch: {
  query: string
  variables?: Record<string, unknown>
}): GraphQLFormattedError[] {
  const { definitions } = parse(fetch.query)
  const fragments = definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
  const operation = definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)
  const roots = operation ? fieldsOf(operation.selectionSet, fragments) : []
  const [entities] = roots.filter((field) => field.name.value === '_entities')
  const paths = entities
    ? representationsIn(fetch.variables).flatMap(({ __typename }, index) =>
        keys(entities.selectionSet, fragments, __typename).map((key) => ['_entities', index, key]),
      )
    : roots.map((field) => [keyOf(field)])
  const { message, extensions } = unavailable()
  return (paths.length > 0 ? paths : [undefined])
    .slice(0, LIMIT)
    .map((path) => ({ message, path, extensions }))
}

function representationsIn(variables: Record<string, unknown> | undefined): { __typename?: string }[] {
  // The executor makes them; each has a type name.
  return (variables?.representations ?? []) as { __typename?: string }[]
}

function keys(selections: SelectionSetNode | undefined, fragments: FragmentDefinitionNode[], type?: string) {
  return selections
    ? fieldsOf(selections, fragments, type)
        .map(keyOf)
        .filter((key) => key !== '__typename')
    : []
}

/** The fields of a selection set, those in fragments included unless they are on another type. */
function fieldsOf(
  { selections }: SelectionSetNode,
  fragments: FragmentDefinitionNode[],
  type?: string,
): FieldNode[] {
  return selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return [node]
    const fragment =
      node.kind === Kind.INLINE_FRAGMENT ? node : fragments.find(({ name }) => name.value === node.name.value)
    const condition = fragment?.typeCondition?.name.value
    if (!fragment || (type && condition && condition !== type)) return []
    return fieldsOf(fragment.selectionSet, fragments, type)
  })
}

const keyOf = (field: FieldNode) => (field.alias ?? field.name).value
