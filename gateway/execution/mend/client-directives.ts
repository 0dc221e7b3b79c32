import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DirectiveDefinitionNode,
  Kind,
  parse,
  print,
} from 'graphql'
import { applied } from './join-directives.ts'

const executable = new Set(['QUERY', 'MUTATION', 'SUBSCRIPTION', 'FIELD', 'FRAGMENT_DEFINITION', 'FRAGMENT_SPREAD', 'INLINE_FRAGMENT', 'VARIABLE_DEFINITION']) // biome-ignore format: one list

/**
 * A supergraph whose clients can use the directives on operations that its subgraphs have composed: it lacks the @link
 * of each specification that has nothing but such directives. To Apollo whatever is linked is about the schema, and
 * nothing of it for clients.
 */
export function withClientDirectives(sdl: string): string {
  const document = parse(sdl, { noLocation: true })
  const names = new Set(document.definitions.filter(isForClients).map(({ name }) => `@${name.value}`))
  const isOurs = (link: ConstDirectiveNode) => {
    const imported = importedBy(link)
    return imported.length > 0 && imported.every((name) => names.has(name))
  }
  const links = document.definitions.flatMap((node) =>
    node.kind === Kind.SCHEMA_DEFINITION ? applied('link', node) : [],
  )
  const unlinked = new Set(links.filter(isOurs))
  if (unlinked.size === 0) return sdl
  const definitions = document.definitions.map((node) =>
    node.kind === Kind.SCHEMA_DEFINITION
      ? { ...node, directives: node.directives?.filter((directive) => !unlinked.has(directive)) }
      : node,
  )
  return print({ ...document, definitions })
}

function isForClients(node: DefinitionNode): node is DirectiveDefinitionNode {
  return node.kind === Kind.DIRECTIVE_DEFINITION && node.locations.every(({ value }) => executable.has(value))
}

/** The names that a @link brings; of one that renames, none that anybody has. */
function importedBy(link: ConstDirectiveNode): string[] {
  const value = link.arguments?.find(({ name }) => name.value === 'import')?.value
  if (value?.kind !== Kind.LIST) return []
  return value.values.map((item) => (item.kind === Kind.STRING ? item.value : ''))
}
