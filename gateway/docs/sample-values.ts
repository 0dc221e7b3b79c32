import {
  type GraphQLInputType,
  type GraphQLNamedInputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredInputField,
} from 'graphql'

/** What stands for something that a reader has to know, such as an id. */
const UNKNOWN = '…'

/** How many levels of input objects are written out, since they may contain themselves. */
const LEVELS = 4

const known: Record<string, unknown> = {
  Int: 3,
  Float: 1.5,
  Boolean: true,
  DateTime: '2026-01-31T07:30:00.000Z',
  LocalDate: '2026-01-31',
  TimeZone: 'Europe/Helsinki',
  EmailAddress: 'ada@example.com',
  URL: 'https://files.example/a.webp',
}

/** A value of an input type, with all that can be given in it and is not deprecated. */
export function sampleValue(type: GraphQLInputType, levels = LEVELS): unknown {
  const nullable = getNullableType(type)
  if (isListType(nullable)) return [sampleValue(nullable.ofType, levels)]
  return sampleOf(nullable, levels)
}

function sampleOf(type: GraphQLNamedInputType, levels: number): unknown {
  if (isEnumType(type)) {
    const values = type.getValues()
    return (values.find(({ deprecationReason }) => deprecationReason == null) ?? values[0])?.name
  }
  if (!isInputObjectType(type)) return known[type.name] ?? UNKNOWN
  const fields = Object.values(type.getFields()).filter(({ deprecationReason }) => deprecationReason == null)
  const given = type.isOneOf
    ? fields.slice(0, 1)
    : fields.filter((field) => levels > 1 || isRequiredInputField(field))
  return Object.fromEntries(given.map((field) => [field.name, sampleValue(field.type, levels - 1)]))
}
