import { MapperKind, mapSchema, pruneSchema } from '@graphql-tools/utils'
import {
  type DirectiveNode,
  type DocumentNode,
  type GraphQLArgumentConfig,
  type GraphQLFieldConfig,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInputObjectType,
  isNonNullType,
  isRequiredInputField,
  isScalarType,
  isTypeDefinitionNode,
  lexicographicSortSchema,
  printSchema,
  validateSchema,
} from 'graphql'
import { argument, linkedNames, text } from './directive-links.ts'

/** The tag of what partners see. */
export const PARTNER = 'partner'

/**
 * What a contract shows of a supergraph: the types that have the tag, with all of their fields; of the roots and of other types,
 * the fields that have it themselves; and scalars. A field or an argument whose type is not shown is not shown either. `schema` is
 * what clients see of the supergraph; null: nothing in it has the tag. Throws for a contract under which what is asked would be
 * answered with what it does not show, or could not be asked.
 */
export function contractOf(composed: DocumentNode, schema: GraphQLSchema, tag: string): GraphQLSchema | null {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const { whole, fields, types } = readTagged(composed, tag, new Set(roots.map((type) => type?.name)))
  if (types.size === 0) return null
  const isShown = (type: GraphQLOutputType | GraphQLInputType) => {
    const named = getNamedType(type)
    return isScalarType(named) || types.has(named.name)
  }
  const isTagged = (field: string, type: string) => whole.has(type) || fields.has(`${type}.${field}`)

  function shownField<Field extends GraphQLFieldConfig<unknown, unknown>>(field: Field): Field | null {
    const args = Object.entries(field.args ?? {})
    const hidden = args.filter(([, { type }]) => !isShown(type))
    if (!isShown(field.type) || hidden.some(([, arg]) => isRequired(arg))) return null
    return { ...field, args: Object.fromEntries(args.filter((arg) => !hidden.includes(arg))) }
  }

  const shown = mapSchema(schema, {
    [MapperKind.COMPOSITE_FIELD]: (field, name, type) => (isTagged(name, type) ? shownField(field) : null),
    [MapperKind.INPUT_OBJECT_FIELD]: (field, name, type) =>
      isTagged(name, type) && isShown(field.type) ? field : null,
    [MapperKind.DIRECTIVE]: (directive) =>
      directive.args.every(({ type }) => isShown(type)) ? directive : null,
  })
  const contract = pruneSchema(shown)
  const faults = [...validateSchema(contract).map(({ message }) => message), ...gapsIn(contract, schema)]
  if (faults.length > 0) throw new Error(`The contract of the tag ${tag} has faults: ${faults.join(' ')}`)
  return contract
}

/** A contract as its readers get it. */
export const printContract = (contract: GraphQLSchema) => printSchema(lexicographicSortSchema(contract))

const isRequired = ({ type, defaultValue }: GraphQLArgumentConfig) =>
  isNonNullType(type) && defaultValue === undefined

/** Where an answer may be of a type that is not shown, and an input must have a field that is not. */
function gapsIn(contract: GraphQLSchema, schema: GraphQLSchema): string[] {
  return Object.values(contract.getTypeMap()).flatMap((type) => {
    const full = schema.getType(type.name)
    if (isAbstractType(type) && isAbstractType(full)) {
      const shown = new Set(contract.getPossibleTypes(type).map(({ name }) => name))
      const hidden = schema.getPossibleTypes(full).filter(({ name }) => !shown.has(name))
      return hidden.map(({ name }) => `It shows ${type.name}, and not ${name}, which is one.`)
    }
    if (!isInputObjectType(type) || !isInputObjectType(full)) return []
    const isHidden = ({ name }: GraphQLInputField) => !type.getFields()[name]
    const missing = Object.values(full.getFields()).filter(
      (field) => isRequiredInputField(field) && isHidden(field),
    )
    return missing.map(
      ({ name }) => `It shows ${type.name}, and not ${name}, which every ${type.name} needs.`,
    )
  })
}

/** What has the tag: types as a whole, and fields; and all types of which something has it. */
function readTagged(composed: DocumentNode, tag: string, roots: ReadonlySet<string | undefined>) {
  const names = new Set(linkedNames(composed, tagOf))
  const has = (directives: readonly DirectiveNode[] = []) =>
    directives.some(
      (directive) => names.has(directive.name.value) && text(argument(directive, 'name')) === tag,
    )
  const [whole, fields, types] = [new Set<string>(), new Set<string>(), new Set<string>()]
  for (const node of composed.definitions) {
    if (!isTypeDefinitionNode(node)) continue
    const type = node.name.value
    if (has(node.directives) && !roots.has(type)) {
      whole.add(type)
      types.add(type)
    }
    for (const field of 'fields' in node ? (node.fields ?? []) : []) {
      if (!has(field.directives)) continue
      fields.add(`${type}.${field.name.value}`)
      types.add(type)
    }
  }
  return { whole, fields, types }
}

const tagOf = (url: string) => (/^https:\/\/specs\.apollo\.dev\/tag(\/|$)/.test(url) ? 'tag' : undefined)
