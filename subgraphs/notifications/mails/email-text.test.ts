import { expect, test } from '@jest/globals'
import { type EmailKind, emailText } from './email-text.ts'

const HOUR = 3_600_000 // ms
const TOKEN = 'AbC-123_xyz'

const textOf = (change: Partial<Parameters<typeof emailText>[0]> = {}) =>
  emailText({
    kind: 'VERIFY_EMAIL',
    name: 'Ada',
    link: `https://app.example/verify-email?token=${TOKEN}`,
    lifetime: 24 * HOUR,
    ...change,
  })

test('a link stands on a line of its own, and so does the code in it', () => {
  const { subject, text } = textOf()
  expect(subject).toBe('Verify your address')
  expect(text.split('\n')).toEqual(
    expect.arrayContaining(['Hello Ada,', `https://app.example/verify-email?token=${TOKEN}`, TOKEN]),
  )
})

test.each([
  ['VERIFY_EMAIL', 24 * HOUR, 'It works once, for a day,'],
  ['RESET_PASSWORD', HOUR, 'It works once, for an hour,'],
  ['EXPORT_READY', 7 * 24 * HOUR, 'The link works for 7 days.'],
] as const)('a mail about %s says how long its link is good', (kind, lifetime, words) => {
  expect(textOf({ kind, lifetime }).text).toContain(words)
})

test('a mail that leads nowhere has no link', () => {
  const { text, html } = textOf({ kind: 'PASSWORD_CHANGED', link: null, lifetime: null })
  expect(`${text}${html}`).not.toMatch(/https?:|href/)
})

test('a link without a code is a link alone', () => {
  const { text } = textOf({ kind: 'EXPORT_READY', link: 'https://files.example/a/b.zip?signature=x&y=z' })
  expect(text).toContain('\nhttps://files.example/a/b.zip?signature=x&y=z\n')
  expect(text).not.toContain('code')
})

test.each(['VERIFY_EMAIL', 'RESET_PASSWORD', 'PASSWORD_CHANGED', 'EXPORT_READY'] as EmailKind[])(
  'the page of a mail about %s says what its text says, and loads nothing',
  (kind) => {
    const { text, html } = textOf({ kind })
    for (const line of text.split('\n').filter(Boolean)) expect(html).toContain(line.replaceAll("'", '&#39;'))
    expect(html).not.toMatch(/<(?!\/?(?:!doctype|html|head|meta|title|body|p|a|code)\b)|src=|url\(|style/i)
  },
)

test.each(['Ada', 'Zoë', 'Anna-Lena O’Neill', "D'Arcy", 'J. R. Tolkien', '李 小龙', 'Dr. Who'])(
  'a person is greeted by the name %s',
  (name) => {
    expect(textOf({ name }).text).toMatch(`Hello ${name},`)
  },
)

test.each([
  null,
  'evil.example',
  'Visit https://evil.example',
  'eve@evil.example',
  '<b>Ada</b>',
  'Ada\r\nBcc: eve@example.com',
  '"><script>',
  'call now: 555',
])('what %j has in it goes to nobody’s mailbox', (name) => {
  const { text, html } = textOf({ name })
  expect(text).toMatch(/^Hello,\n/)
  expect(html).toContain('<p>Hello,</p>')
})

test('what a link has in it is no markup', () => {
  const { html } = textOf({ kind: 'EXPORT_READY', link: `https://a.example/?x="><script>'&y` })
  expect(html).not.toContain('<script')
  expect(html).toContain('&quot;&gt;&lt;script&gt;&#39;&amp;y')
})
