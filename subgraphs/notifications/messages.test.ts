import { expect, test } from '@jest/globals'
import { announcementMessage, overtakenMessage } from './messages.ts'

test('everyone in a competition is told what happened to it, by name', () => {
  const titles = [
    announcementMessage({ cause: 'STARTED' }, 'Spring Steps'),
    announcementMessage({ cause: 'CLOSED' }, 'Spring Steps'),
    announcementMessage({ cause: 'COMPLETED' }, 'Spring Steps'),
    announcementMessage({ cause: 'CANCELLED', reason: 'Floods.' }, 'Spring Steps'),
  ].map(({ title }) => title)
  expect(titles).toEqual([
    'Spring Steps has started',
    'Spring Steps is over',
    'Spring Steps: the standings are final',
    'Spring Steps was called off',
  ])
})

test('the end says that late syncs still count', () => {
  expect(announcementMessage({ cause: 'CLOSED' }, 'Spring Steps').body).toContain('Late syncs still count')
})

test('a cancellation gives its reason, shortened where it is very long', () => {
  const body = (reason: string) => announcementMessage({ cause: 'CANCELLED', reason }, 'Spring Steps').body
  expect(body(' Floods. ')).toBe('The reason given: Floods.')
  expect(body('🌊'.repeat(600))).toBe(`The reason given: ${'🌊'.repeat(499)}…`)
})

test.each([
  [0, 'Ada overtook you'],
  [1, 'Ada and 1 other overtook you'],
  [2, 'Ada and 2 others overtook you'],
  [100, 'Ada and many others overtook you'],
])('with %i others: %s', (others, title) => {
  expect(overtakenMessage({ mover: 'Ada', others, competition: 'Spring Steps' }).title).toBe(title)
})

test('names that are not known yet leave a whole sentence', () => {
  expect(overtakenMessage({ mover: null, others: 0, competition: null })).toEqual({
    title: 'Someone overtook you',
    body: 'You were passed in a competition. Sync to see if you are ahead again.',
  })
})
