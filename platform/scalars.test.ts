import { expect, test } from '@jest/globals'
import { parseValue as literal } from 'graphql'
import { scalars } from './scalars.ts'

const { TimeZone } = scalars

test.each(['Europe/Helsinki', 'America/Argentina/Buenos_Aires', 'Etc/GMT+2', 'UTC'])(
  '%s is a time zone, in variables and in documents',
  (name) => {
    expect(TimeZone.parseValue(name)).toBe(name)
    expect(TimeZone.parseLiteral(literal(`"${name}"`))).toBe(name)
  },
)

test.each(['+02:00', '+23:59', '-0530', '+02', '\u221202:00', '', 2, ['UTC'], ['+02:00']])(
  '%j is no time zone',
  (value) => {
    const message = 'A time zone is a name of the IANA database, such as Europe/Helsinki, not an offset.'
    expect(() => TimeZone.parseValue(value)).toThrow(message)
    expect(() => TimeZone.parseLiteral(literal(JSON.stringify(value)))).toThrow(message)
  },
)

test('a name that the database does not have is no time zone', () => {
  expect(() => TimeZone.parseValue('Mars/Olympus')).toThrow('not a valid IANA time zone: Mars/Olympus')
})
