import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { temporaryFolder } from '../test-support.ts'
import { readExport } from './export-file.ts'

async function exportOf(...lines: string[]): Promise<string> {
  const file = join(await temporaryFolder(), 'export.csv')
  await writeFile(file, lines.join('\n'))
  return file
}

const HEADER = 'Id,Date,Time,StepTotal'

test('hours are read as UTC, in order of time, each once', async () => {
  const file = await exportOf(
    HEADER,
    'a,4/12/2016,1:00:00 PM,20',
    'a,4/12/2016,12:00:00 AM,10',
    'a,4/12/2016,12:00:00 PM,15',
    'a,4/12/2016,1:00:00 PM,20',
    'b,12/1/2016,11:00:00 PM,0',
    '',
  )
  const data = await readExport(file)
  expect(data.people.get('a')).toEqual([
    { startsAt: new Date('2016-04-12T00:00:00Z'), steps: 10 },
    { startsAt: new Date('2016-04-12T12:00:00Z'), steps: 15 },
    { startsAt: new Date('2016-04-12T13:00:00Z'), steps: 20 },
  ])
  expect(data).toMatchObject({
    firstHour: new Date('2016-04-12T00:00:00Z'),
    lastHour: new Date('2016-12-01T23:00:00Z'),
    rows: 4,
  })
})

test.each([
  ['a header that is another', ['Id,Steps', 'a,1'], /the header is not Id,Date,Time,StepTotal/],
  ['a row that is short', [HEADER, 'a,4/12/2016,1:00:00 PM'], /line 2/],
  ['a time between the hours', [HEADER, 'a,4/12/2016,1:30:00 PM,5'], /line 2/],
  ['an hour that no clock shows', [HEADER, 'a,4/12/2016,13:00:00 PM,5'], /line 2/],
  ['a day that no calendar has', [HEADER, 'a,2/30/2016,1:00:00 PM,5'], /line 2/],
  ['steps that are no number', [HEADER, 'a,4/12/2016,1:00:00 PM,many'], /line 2/],
  ['nothing but a header', [HEADER], /has no rows/],
])('%s is refused with its place', async (_, lines, message) => {
  await expect(readExport(await exportOf(...lines))).rejects.toThrow(message)
})

test('a file that is not there is named', async () => {
  await expect(readExport('/nowhere/export.csv')).rejects.toThrow('Cannot read /nowhere/export.csv (ENOENT)')
})
