import {
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from 'graphql'
import { fragmentsOf } from '../planning-form.ts'

/**
 * The keys that a request brings, and those within them: what is merged, and what a failure costs. Fragments on different types
 * are one shape, since every object has its own keys only.
 */
export type Shape = Map<string, Shape | null>

/** The shape of a subgraph's operation. */
export function shapeOf(operation: string): Shape {
  const document = parse(operation)
  const [definition] = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION)
  // A request of the planner's is one operation.
  return addTo(new Map(), (definition as OperationDefinitionNode).selectionSet, fragmentsOf(document))
}

function addTo(
  shape: Shape,
  { selections }: SelectionSetNode,
  fragments: Map<string, FragmentDefinitionNode>,
): Shape {
  for (const node of selections) {
    if (node.kind === Kind.FIELD) {
      const key = (node.alias ?? node.name).value
      const inner = shape.get(key) ?? null
      shape.set(key, node.selectionSet ? addTo(inner ?? new Map(), node.selectionSet, fragments) : inner)
      continue
    }
    const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value)
    if (fragment) addTo(shape, fragment.selectionSet, fragments)
  }
  return shape
}
