import { toStringMethod } from 'fast-check'
import {
  type DefinitionNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  parseType,
  print,
  type VariableDefinitionNode,
  validate,
  visit,
} from 'graphql'
import type { Parts } from './generate.ts'
import { nameOf } from './literal.ts'

/** An operation and the variables it is sent with. */
export type Case = {
  document: DocumentNode
  query: string
  variables: Record<string, unknown>
  [toStringMethod](): string
}

/** An operation made of what its selections use. */
export function caseOf({ operation, selectionSet, fragments, variables }: Parts): Case {
  const definitions = [...variables.values()].map(
    (variable): VariableDefinitionNode => ({
      kind: Kind.VARIABLE_DEFINITION,
      variable: { kind: Kind.VARIABLE, name: nameOf(variable.name) },
      type: parseType(String(variable.type)),
      defaultValue: variable.default as VariableDefinitionNode['defaultValue'], // a default has no variables
    }),
  )
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [
      { kind: Kind.OPERATION_DEFINITION, operation, selectionSet, variableDefinitions: definitions },
      ...fragments,
    ],
  }
  const given = [...variables.values()].filter(({ value }) => value !== undefined)
  return tidied(document, Object.fromEntries(given.map(({ name, value }) => [name, value])))
}

/** Without fragments and variables that nothing uses. */
export function tidied(document: DocumentNode, variables: Record<string, unknown>): Case {
  const spreads = namesOf(document, Kind.FRAGMENT_SPREAD)
  const isUsed = (node: DefinitionNode) =>
    node.kind !== Kind.FRAGMENT_DEFINITION || spreads.has(node.name.value)
  if (!document.definitions.every(isUsed)) {
    return tidied({ ...document, definitions: document.definitions.filter(isUsed) }, variables)
  }
  const used = namesOf(visit(document, { VariableDefinition: () => null }), Kind.VARIABLE)
  const tidy: DocumentNode = visit(document, {
    VariableDefinition: (node) => (used.has(node.variable.name.value) ? undefined : null),
  })
  const query = print(tidy)
  const given = Object.fromEntries(Object.entries(variables).filter(([name]) => used.has(name)))
  return {
    document: tidy,
    query,
    variables: given,
    [toStringMethod]: () => `\n${query}\nvariables ${JSON.stringify(given)}\n`,
  }
}

export const isValid = (schema: GraphQLSchema, { document }: Case) => validate(schema, document).length === 0

function namesOf(document: DocumentNode, kind: Kind.FRAGMENT_SPREAD | Kind.VARIABLE): Set<string> {
  const names = new Set<string>()
  visit(document, {
    enter(node) {
      if (node.kind === kind && 'name' in node) names.add((node.name as { value: string }).value)
    },
  })
  return names
}
