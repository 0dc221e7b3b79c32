import {
  type DirectiveNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  parse,
} from 'graphql'
import { type SubgraphName, subgraphNames } from '../../platform/names.ts'
import { sdlOf } from '../../platform/subgraph.ts'

/** Who may see a field, read from the SDL alone: a second opinion on what platform/access.ts makes of it. */
export type Audience = 'anyone' | 'signed in' | 'administrators' | 'its owner'

/** A field of a subgraph, as its SDL has it. */
export type DeclaredField = {
  subgraph: SubgraphName
  type: string
  name: string
  audience: Audience
  /** Whether its type is an entity that this subgraph resolves. */
  entity: boolean
  node: FieldDefinitionNode
}

/** Every field that the five subgraphs declare. */
export function declaredFields(): DeclaredField[] {
  return subgraphNames.flatMap((subgraph) =>
    parse(sdlOf(subgraph))
      .definitions.filter(
        (node): node is ObjectTypeDefinitionNode | ObjectTypeExtensionNode =>
          node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION,
      )
      .flatMap((type) =>
        (type.fields ?? []).map((node) => ({
          subgraph,
          type: type.name.value,
          name: node.name.value,
          audience: audienceOf(type.name.value, node.directives ?? []),
          entity: isResolvable(type.directives ?? []),
          node,
        })),
      ),
  )
}

/** The types that only an owner reaches, since Viewer alone leads to them. */
const owned = /^(Viewer|Fitness|Activity.*|Workout.*|Notification(Connection|Edge)?|Session)$/
const administered = /^(AuditEntry|HeldRecord|User(Connection|Edge)$)/

function audienceOf(type: string, directives: readonly DirectiveNode[]): Audience {
  const has = (name: string) => directives.some((directive) => directive.name.value === name)
  if (has('requiresScopes') || administered.test(type)) return 'administrators'
  if (owned.test(type)) return 'its owner'
  return has('authenticated') ? 'signed in' : 'anyone'
}

function isResolvable(directives: readonly DirectiveNode[]): boolean {
  return directives.some(
    (directive) =>
      directive.name.value === 'key' &&
      !directive.arguments?.some(
        ({ name, value }) => name.value === 'resolvable' && value.kind === Kind.BOOLEAN && !value.value,
      ),
  )
}
