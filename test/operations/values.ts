import {
  type GraphQLArgument,
  GraphQLBoolean,
  type GraphQLInputField,
  type GraphQLInputType,
  GraphQLNonNull,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  type ValueNode,
} from 'graphql'
import { literalOf, nameOf } from './literal.ts'
import type { Random } from './random.ts'

/** Values worth asking for, by argument or input field, then by type. */
export type Samples = Record<string, readonly unknown[]>

/** A variable of an operation. */
export type Variable = {
  name: string
  type: GraphQLInputType
  default: ValueNode | undefined
  /** undefined: it is not given. */
  value: unknown
}

/** Names that the gateway might want for itself are among them. */
const names = ['a', 'representations', 'id', 'b', 'if', 'c', '__typename', '_0', 'first', 'd']

/** Makes values, and keeps the variables that it made for them. */
export function createValues(random: Random, samples: Samples) {
  const variables = new Map<string, Variable>()
  return {
    variables,
    /** The value of an argument; undefined when it is left out. */
    argument(argument: GraphQLArgument, field: string): ValueNode | undefined {
      const { type, defaultValue } = argument
      const hasDefault = defaultValue !== undefined
      if ((!isNonNullType(type) || hasDefault) && random.chance(55)) return undefined
      return value(type, [`${field}.${argument.name}`, argument.name], hasDefault)
    },
    /** Whether to @skip or @include: a literal, or a variable that is never null. */
    condition(): ValueNode {
      if (random.chance(30)) return { kind: Kind.BOOLEAN, value: random.chance(50) }
      return variable(new GraphQLNonNull(GraphQLBoolean), false, () => random.chance(50))
    },
  }

  /** A variable, or a literal that may have variables in it. */
  function value(type: GraphQLInputType, hints: readonly string[], hasDefault: boolean): ValueNode {
    if (!random.chance(40)) return literal(type, hints)
    const plain = () => plainOf(type, hints)
    if (!isNonNullType(type))
      return variable(random.chance(30) ? new GraphQLNonNull(type) : type, true, plain)
    return variable(hasDefault && random.chance(50) ? getNullableType(type) : type, false, plain)
  }

  function literal(given: GraphQLInputType, hints: readonly string[]): ValueNode {
    if (!isNonNullType(given) && random.chance(8)) return { kind: Kind.NULL }
    const type = getNullableType(given)
    if (hints.some((hint) => samples[hint])) return literalOf(plainOf(type, hints), type)
    if (isListType(type)) {
      const { ofType } = type
      if (random.chance(15)) return literal(ofType, hints) // a single item stands for a list of it
      return { kind: Kind.LIST, values: times(random.int(4), () => value(ofType, hints, false)) }
    }
    if (!isInputObjectType(type)) return literalOf(plainOf(type, hints), type)
    const fields = Object.values(type.getFields()).filter(isGiven)
    return {
      kind: Kind.OBJECT,
      fields: fields.map((field) => ({
        kind: Kind.OBJECT_FIELD,
        name: nameOf(field.name),
        value: value(field.type, hintsOf(type.name, field), false),
      })),
    }
  }

  /** A variable of a type, a new one or one that is there. Where null is no value, it is never null. */
  function variable(type: GraphQLInputType, canBeNull: boolean, plain: () => unknown): ValueNode {
    const same = [...variables.values()].filter(
      (known) => String(known.type) === String(type) && (canBeNull || known.value !== null),
    )
    const { name } =
      same.length > 0 && random.chance(40) ? random.pick(same) : declare(type, canBeNull, plain)
    return { kind: Kind.VARIABLE, name: nameOf(name) }
  }

  function declare(type: GraphQLInputType, canBeNull: boolean, plain: () => unknown): Variable {
    const name = names[variables.size] ?? `v${variables.size}`
    const isNullable = !isNonNullType(type)
    const standard = random.chance(35) ? plain() : null
    const hasDefault = standard !== null || (isNullable && canBeNull && random.chance(5))
    const canBeAbsent = hasDefault || (isNullable && canBeNull)
    const made: Variable = {
      name,
      type,
      default: hasDefault ? literalOf(standard, type) : undefined,
      value:
        canBeAbsent && random.chance(35)
          ? undefined
          : isNullable && canBeNull && random.chance(15)
            ? null
            : plain(),
    }
    variables.set(name, made)
    return made
  }

  /** A value as JSON has it. */
  function plainOf(type: GraphQLInputType, hints: readonly string[]): unknown {
    if (isNonNullType(type)) return plainOf(type.ofType, hints)
    const hint = hints.find((name) => samples[name])
    if (hint) return random.pick(samples[hint] ?? [])
    if (isListType(type)) return times(random.int(4), () => plainOf(type.ofType, hints))
    if (isEnumType(type)) return random.pick(type.getValues()).name
    if (!isInputObjectType(type)) return random.pick(samples[type.name] ?? [])
    const fields = Object.values(type.getFields()).filter(isGiven)
    return Object.fromEntries(
      fields.map((field) => [field.name, plainOf(field.type, hintsOf(type.name, field))]),
    )
  }

  function isGiven(field: GraphQLInputField): boolean {
    const isRequired = isNonNullType(field.type) && field.defaultValue === undefined
    return isRequired || random.chance(isInputObjectType(itemOf(field.type)) ? 15 : 50)
  }
}

const hintsOf = (type: string, { name }: GraphQLInputField) => [`${type}.${name}`, name]

function itemOf(type: GraphQLInputType): GraphQLInputType {
  return isNonNullType(type) || isListType(type) ? itemOf(type.ofType) : type
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)
