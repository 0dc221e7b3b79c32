import {
  type GraphQLArgument,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isCompositeType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  type OperationTypeNode,
  parse,
  print,
  validate,
} from 'graphql'
import { compileCost } from '../access/cost.ts'
import type { CostWeights } from '../access/cost-weights.ts'
import type { FieldAccess } from '../supergraph/field-access.ts'
import { inLines } from './operation-lines.ts'
import { sampleValue } from './sample-values.ts'
import { selectionOf } from './selections.ts'
import { findWays, type Way } from './ways.ts'

/** An operation to try something with; `cost` is what it costs at most, null where that depends on more. */
export type Example = { operation: string; variables: Record<string, unknown>; cost: number | null }

type Given = { argument: GraphQLArgument; value: unknown }

/** Makes examples that are valid for a schema; null for what no operation reaches. */
export function exampleMaker(options: {
  schema: GraphQLSchema
  costs: CostWeights
  access: ReadonlyMap<string, FieldAccess>
  listSize: number
}) {
  const { schema, costs, access, listSize } = options
  const isPersonal = (coordinate: string) => access.get(coordinate)?.isPerViewer ?? false
  const ways = findWays(schema, isPersonal)
  const slicing = slicingArguments(schema, costs)

  return {
    /** Of a field of a root; a brief one leaves out what a first look does not need. */
    ofRoot(
      operation: OperationTypeNode,
      field: GraphQLField<unknown, unknown>,
      { isBrief = false } = {},
    ): Example | null {
      return make(field.name, { operation, steps: [{ field, on: null }], on: null }, { levels: 2, isBrief })
    },
    /** Of a type: something that gives it, or takes it. */
    ofType(type: GraphQLNamedType): Example | null {
      const input = ways.toInput(type)
      const way = isInputObjectType(type) ? undefined : ways.toValue(type)
      if (way) return make(type.name, way, { levels: 1 })
      if (!input) return null
      const { argument } = input
      return make(type.name, input.way, {
        levels: 0,
        given: { argument, value: sampleValue(argument.type, type) },
      })
    },
  }

  function make(
    name: string,
    { operation, steps, on }: Way,
    { levels, isBrief = false, given }: { levels: number; isBrief?: boolean; given?: Given },
  ): Example | null {
    const variables: Record<string, unknown> = {}
    const declared: string[] = []
    const asked = steps.map(({ field, on }) => {
      const passed = argumentsOf(field, given).map(({ argument, value }) => {
        const isTaken = Object.hasOwn(variables, argument.name)
        const variable = isTaken ? `${field.name}_${argument.name}` : argument.name
        variables[variable] = value
        declared.push(`$${variable}: ${argument.type}`)
        return `${argument.name}: $${variable}`
      })
      return { text: `${field.name}${passed.length > 0 ? `(${passed.join(', ')})` : ''}`, on }
    })
    const last = steps.at(-1)?.field
    const selection = asked.reduceRight(
      (inner, { text, on }) => `{ ${on ? `... on ${on} { ${text} ${inner} }` : `${text} ${inner}`} }`,
      last ? selected(last, on, { levels, isBrief }) : '',
    )
    const head = declared.length > 0 ? `(${declared.join(', ')})` : ''
    return checked(`${operation} ${name[0]?.toUpperCase()}${name.slice(1)}${head} ${selection}`, variables)
  }

  function selected(
    field: GraphQLField<unknown, unknown>,
    on: string | null,
    extent: { levels: number; isBrief: boolean },
  ): string {
    const named = getNamedType(field.type)
    const type = on ? schema.getType(on) : named
    if (!isCompositeType(type)) return ''
    const inner = selectionOf({ schema, slicing, isPersonal }, { type, ...extent })
    return `{ ${on ? `... on ${on} { ${inner} }` : inner} }`
  }

  /** What a field has to be given, how long its list is to be, and what the example is of. */
  function argumentsOf(field: GraphQLField<unknown, unknown>, given: Given | undefined): Given[] {
    return field.args.flatMap((argument) => {
      if (argument === given?.argument) return [given]
      const isNeeded = isRequiredArgument(argument) || argument.name === slicing.get(field)
      return isNeeded ? [{ argument, value: sampleValue(argument.type) }] : []
    })
  }

  function checked(text: string, variables: Record<string, unknown>): Example | null {
    const document = parse(text)
    const operation = getOperationAST(document)
    if (!operation || validate(schema, document).length > 0) return null
    return { operation: inLines(print(document)), variables, cost: costOf() }

    function costOf(): number | null {
      try {
        if (!operation) return null
        return compileCost({ schema, costs, document, operation, listSize }).estimate(variables)
      } catch (error) {
        // A list needs an argument that nothing was given for.
        if (error instanceof GraphQLError) return null
        throw error
      }
    }
  }
}

/** The first slicing argument of each field that has any: more than one may not be given everywhere. */
function slicingArguments(
  schema: GraphQLSchema,
  { listSizes }: CostWeights,
): Map<GraphQLField<unknown, unknown>, string> {
  const found = new Map<GraphQLField<unknown, unknown>, string>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const [first] = listSizes.get(`${type.name}.${field.name}`)?.slicing ?? []
      if (first?.length === 1) found.set(field, first[0])
    }
  }
  return found
}
