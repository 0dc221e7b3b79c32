import {
  astFromValue,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
  OperationTypeNode,
  print,
} from 'graphql'
import type { CostWeights } from '../access/cost-weights.ts'
import { type Deprecation, deprecationIn } from '../supergraph/deprecation.ts'
import type { FieldAccess } from '../supergraph/field-access.ts'
import { costWords } from './costs.ts'
import { type Example, exampleMaker } from './examples.ts'
import { type Needs, needsOf } from './needs.ts'

/** What a page of documentation tells of a schema: nothing that the schema does not show. */
export type SchemaDocs = { roots: RootDocs[]; groups: { title: string; types: TypeDocs[] }[] }

/** The fields of a root, each with an example. */
type RootDocs = { operation: OperationTypeNode; type: TypeDocs }

export type TypeDocs = {
  name: string
  description: string | null
  fields: FieldDocs[]
  inputs: InputDocs[]
  values: ValueDocs[]
  /** Types that it is, and types that it may be. */
  interfaces: string[]
  possible: string[]
  /** Coordinates of what gives or takes it. */
  usedBy: string[]
  example: Example | null
}

export type FieldDocs = {
  name: string
  type: string
  description: string | null
  deprecation: Deprecation | null
  inputs: InputDocs[]
  /** What it costs by itself; null: nothing. */
  cost: string | null
  needs: Needs
  example: Example | null
  /** Of a root's field: the same in few words. */
  briefExample: Example | null
}

/** An argument or an input field. */
export type InputDocs = {
  name: string
  type: string
  description: string | null
  deprecation: Deprecation | null
  /** As it is written; null: there is none. */
  defaultValue: string | null
}

export type ValueDocs = { name: string; description: string | null; deprecation: Deprecation | null }

/** What is told of a schema. `listSize` is how long a list is taken to be that nothing is said of. */
export function schemaDocs(options: {
  schema: GraphQLSchema
  costs: CostWeights
  access: ReadonlyMap<string, FieldAccess>
  listSize: number
}): SchemaDocs {
  const { schema, access } = options
  const cost = costWords(options)
  const examples = exampleMaker(options)
  const usedBy = readUses(schema)
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type))
  const roots = Object.values(OperationTypeNode).flatMap((operation) => {
    const type = schema.getRootType(operation)
    return type ? [{ operation, type }] : []
  })
  const isRoot = new Set<GraphQLNamedType>(roots.map(({ type }) => type))
  const group = (title: string, belongs: (type: GraphQLNamedType) => boolean) => ({
    title,
    types: types
      .filter((type) => belongs(type) && !isRoot.has(type))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((type) => typeDocs(type, null)),
  })
  return {
    roots: roots.map(({ operation, type }) => ({ operation, type: typeDocs(type, operation) })),
    groups: [
      group('Objects', isObjectType),
      group('Interfaces', isInterfaceType),
      group('Unions', isUnionType),
      group('Inputs', isInputObjectType),
      group('Enums', isEnumType),
      group('Scalars', isScalarType),
    ].filter(({ types }) => types.length > 0),
  }

  function typeDocs(type: GraphQLNamedType, root: OperationTypeNode | null): TypeDocs {
    const isComposite = isObjectType(type) || isInterfaceType(type)
    return {
      name: type.name,
      description: (isSpecifiedScalarType(type) ? builtIn[type.name] : type.description) ?? null,
      fields: isComposite ? Object.values(type.getFields()).map((field) => fieldDocs(type, field, root)) : [],
      inputs: isInputObjectType(type) ? Object.values(type.getFields()).map(inputDocs) : [],
      values: isEnumType(type) ? type.getValues().map(toldOf) : [],
      interfaces: isComposite ? type.getInterfaces().map(({ name }) => name) : [],
      possible:
        isInterfaceType(type) || isUnionType(type)
          ? schema.getPossibleTypes(type).map(({ name }) => name)
          : [],
      usedBy: isSpecifiedScalarType(type) ? [] : (usedBy.get(type.name) ?? []),
      example: root ? null : examples.ofType(type),
    }
  }

  function fieldDocs(
    type: Parameters<typeof cost>[0],
    field: GraphQLField<unknown, unknown>,
    root: OperationTypeNode | null,
  ): FieldDocs {
    return {
      ...toldOf(field),
      type: String(field.type),
      inputs: field.args.map(inputDocs),
      cost: cost(type, field),
      needs: needsOf(access, { parent: type.name, field, root }),
      example: root && examples.ofRoot(root, field),
      briefExample: root && examples.ofRoot(root, field, { isBrief: true }),
    }
  }
}

/** What the scalars of GraphQL itself are in JSON; its own words for them are a specification's. */
const builtIn: Record<string, string> = {
  Int: 'A whole number, from -2147483648 to 2147483647.',
  Float: 'A number that may have a fraction.',
  String: 'Text.',
  Boolean: '`true` or `false`.',
  ID: 'Text that names one thing. Nothing can be read from it.',
}

type Told = { name: string; description?: string | null; deprecationReason?: string | null }

function toldOf({ name, description, deprecationReason }: Told): ValueDocs {
  return { name, description: description ?? null, deprecation: deprecationIn(deprecationReason) }
}

function inputDocs(input: GraphQLArgument | GraphQLInputField): InputDocs {
  const value = input.defaultValue === undefined ? null : astFromValue(input.defaultValue, input.type)
  return { ...toldOf(input), type: String(input.type), defaultValue: value ? print(value) : null }
}

/** The coordinates of what gives or takes each type. */
function readUses(schema: GraphQLSchema): Map<string, string[]> {
  const uses = new Map<string, string[]>()
  const note = (type: Parameters<typeof getNamedType>[0], coordinate: string) => {
    const { name } = getNamedType(type) as GraphQLNamedType // there is one of every type
    const known = uses.get(name)
    if (!known) uses.set(name, [coordinate])
    else if (!known.includes(coordinate)) known.push(coordinate)
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`
      note(field.type, coordinate)
      for (const argument of 'args' in field ? field.args : []) note(argument.type, coordinate)
    }
  }
  return uses
}
