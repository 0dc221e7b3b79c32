import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { escapeHtml } from './escape-html.ts'
import type { OutboxMail, OutboxStore } from './outbox-store.ts'

const style = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
  article { border-top: 1px solid #ccc; padding: 1rem 0 }
  h2 { font-size: 1rem; margin: 0 }
  pre { white-space: pre-wrap; overflow-wrap: anywhere }`

/** Nothing runs, nothing is loaded, and no other page frames it. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Serves /outbox, a page with the mails that were kept, and /outbox.json. */
export function mountOutbox(app: FastifyInstance, outbox: Pick<OutboxStore, 'latest'>): void {
  const headers = {
    'content-security-policy': policy,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  }
  app.get('/outbox', async (_, reply) =>
    reply
      .headers(headers)
      .type('text/html; charset=utf-8')
      .send(pageOf(await outbox.latest())),
  )
  app.get('/outbox.json', async (_, reply) => {
    const mails = await outbox.latest()
    return reply.headers(headers).send(mails.map(({ position: _, ...mail }) => mail))
  })
}

function pageOf(mails: OutboxMail[]): string {
  const list = mails.length > 0 ? mails.map(articleOf).join('\n') : '<p>No mail has been sent yet.</p>'
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Outbox</title><style>${style}</style></head>
<body>
<h1>Outbox</h1>
<p>What would have been sent, newest first. Set SMTP_URL to send it. Links lead to the app at APP_URL; without one, pass
the token to the mutation verifyEmail or resetPassword.</p>
${list}
</body>
</html>
`
}

function articleOf({ to, subject, text, at }: OutboxMail): string {
  const linked = escapeHtml(text).replace(
    /https?:\/\/[^\s<]+/g,
    (link) => `<a href="${link}" rel="noreferrer">${link}</a>`,
  )
  return `<article>
<h2>${escapeHtml(subject)}</h2>
<p>To ${escapeHtml(to)}, <time>${at.toISOString()}</time></p>
<pre>${linked}</pre>
</article>`
}
