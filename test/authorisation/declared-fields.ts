import {
  type DirectiveNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  parse,
  valueFromASTUntyped,
} from 'graphql'
import { type SubgraphName, subgraphNames } from '../../platform/names.ts'
import { sdlOf } from '../../platform/subgraph.ts'

/** Who may see a field, read from the SDL alone: a second opinion on what platform/access.ts makes of it. */
export type Audience = 'anyone' | 'signed in' | 'who has the scopes' | 'its owner' | 'gateways'

/** A field of a subgraph, as its SDL has it. */
export type DeclaredField = {
  subgraph: SubgraphName
  type: string
  name: string
  audience: Audience
  /** Any of these sets of scopes, for who has them. */
  scopes: string[][]
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
          audience: audienceOf(type, node.directives ?? []),
          scopes: scopesOf(node.directives ?? []),
          entity: isResolvable(type.directives ?? []),
          node,
        })),
      ),
  )
}

/** The types that only an owner reaches, since Viewer alone leads to them. */
const owned =
  /^(Viewer|Fitness|Activity.*|Workout.*|Notification(Connection|Edge)?|Session|ApiKey|Invitation.*)$/

type Directives = readonly DirectiveNode[]

const has = (directives: Directives, name: string) =>
  directives.some((directive) => directive.name.value === name)

function audienceOf(
  type: { name: { value: string }; directives?: Directives | undefined },
  directives: Directives,
): Audience {
  if (has([...directives, ...(type.directives ?? [])], 'inaccessible')) return 'gateways'
  if (has(directives, 'requiresScopes')) return 'who has the scopes'
  if (owned.test(type.name.value)) return 'its owner'
  return has(directives, 'authenticated') ? 'signed in' : 'anyone'
}

function scopesOf(directives: Directives): string[][] {
  const required = directives.find((directive) => directive.name.value === 'requiresScopes')
  const [argument] = required?.arguments ?? []
  // A list of lists of texts: the directive's definition has no other.
  return argument ? (valueFromASTUntyped(argument.value) as string[][]) : []
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
