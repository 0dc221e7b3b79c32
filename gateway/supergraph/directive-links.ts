import { type DirectiveNode, type DocumentNode, Kind, type ValueNode } from 'graphql'

/** The specification that a @link is about; undefined for any other directive. */
export function linked(link: DirectiveNode): string | undefined {
  return link.name.value === 'link' ? text(argument(link, 'url')) : undefined
}

/**
 * The names that a supergraph gives to the directives of specifications with one directive each, which has the specification's
 * name: `nameOf` tells that name by the specification's URL, and undefined for what is not asked about.
 */
export function linkedNames(document: DocumentNode, nameOf: (url: string) => string | undefined): string[] {
  const names = linksOf(document).flatMap((link) => {
    const name = nameOf(linked(link) ?? '')
    return name ? [text(argument(link, 'as')) ?? name, ...renamed(argument(link, 'import'), name)] : []
  })
  return [...new Set(names)]
}

/** The name that a supergraph gives to one of the directives of a specification. */
export function importedName(
  document: DocumentNode,
  isSpec: (url: string) => boolean,
  { spec, directive }: { spec: string; directive: string },
): string {
  for (const link of linksOf(document)) {
    if (!isSpec(linked(link) ?? '')) continue
    const imports = argument(link, 'import')
    const prefix = text(argument(link, 'as')) ?? spec
    const isImported =
      imports?.kind === Kind.LIST && imports.values.some((value) => text(value) === `@${directive}`)
    const [alias] = renamed(imports, directive)
    return alias ?? (isImported ? directive : directive === spec ? prefix : `${prefix}__${directive}`)
  }
  return directive // as one finds it where nothing is linked
}

function linksOf(document: DocumentNode): readonly DirectiveNode[] {
  return document.definitions.flatMap((node) =>
    node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION
      ? (node.directives ?? [])
      : [],
  )
}

/** What an import calls a directive: `{ name: "@authenticated", as: "@signedIn" }`. */
function renamed(imports: ValueNode | undefined, name: string): string[] {
  const values = imports?.kind === Kind.LIST ? imports.values : []
  return values.flatMap((value) => {
    if (value.kind !== Kind.OBJECT) return []
    const of = (key: string) => text(value.fields.find((field) => field.name.value === key)?.value)
    const alias = of('name') === `@${name}` ? of('as') : undefined
    return alias ? [alias.replace(/^@/, '')] : []
  })
}

export function argument(directive: DirectiveNode, name: string): ValueNode | undefined {
  return directive.arguments?.find((node) => node.name.value === name)?.value
}

export function text(value: ValueNode | undefined): string | undefined {
  return value?.kind === Kind.STRING ? value.value : undefined
}
