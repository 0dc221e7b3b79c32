import { type ASTNode, type DirectiveNode, type DocumentNode, Kind, parse, visit } from 'graphql'
import { argument, text } from './directive-links.ts'

/** How the reason of a deprecation ends: from which day on what is deprecated may be taken away. */
const form = /\s*Goes on (\d{4}-\d{2}-\d{2})\.$/

/** Why something should not be used any more, and from which day on it may be gone; null where that is not said. */
export type Deprecation = { reason: string; goesOn: string | null }

/** Reads the reason of a deprecation; null for what is not deprecated. */
export function deprecationIn(reason: string | null | undefined): Deprecation | null {
  if (reason == null) return null
  const [ending, goesOn] = form.exec(reason) ?? []
  if (ending === undefined || goesOn === undefined || !isDay(goesOn)) return { reason, goesOn: null }
  return { reason: reason.slice(0, -ending.length), goesOn }
}

/** What keeps the deprecations of a schema from being told with a date, one sentence each. */
export function deprecationFaults(file: string, sdl: string): string[] {
  const faults: string[] = []
  for (const { coordinate, directive } of deprecatedIn(parse(sdl))) {
    const deprecation = deprecationIn(text(argument(directive, 'reason')) ?? '')
    if (deprecation?.goesOn && deprecation.reason) continue
    faults.push(
      `${file}: ${coordinate} is deprecated without a date: its reason must end as this one does: "Use displayName. Goes on 2027-06-30."`,
    )
  }
  return faults
}

function deprecatedIn(document: DocumentNode): { coordinate: string; directive: DirectiveNode }[] {
  const found: { coordinate: string; directive: DirectiveNode }[] = []
  visit(document, {
    Directive(directive, _, __, ___, ancestors) {
      if (directive.name.value !== 'deprecated') return
      found.push({ coordinate: coordinateOf(ancestors), directive })
    },
  })
  return found
}

/** `Type`, `Type.field` or `Type.field(argument:)`, of the last node that something is declared in. */
function coordinateOf(ancestors: readonly (ASTNode | readonly ASTNode[])[]): string {
  const declaring = ancestors.filter((node): node is ASTNode => 'kind' in node && 'name' in node)
  const [type = '', field = '', inner] = declaring.map((node) =>
    'name' in node && node.name?.kind === Kind.NAME ? node.name.value : '',
  )
  return inner ? `${type}.${field}(${inner}:)` : field ? `${type}.${field}` : type
}

function isDay(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date)
}
