/** A person of the demo to try the API as. */
export type Login = { role: string; email: string; password: string }

/**
 * What `npm start` prints when everything runs: where it is, as whom to log in, and two commands to paste. `sendsMails`: they go
 * out, and there is no outbox.
 */
export function welcome(url: string, logins: Login[], { sendsMails }: { sendsMails: boolean }): string {
  const origin = new URL(url).origin
  const query = '{ competitions(first: 3) { edges { node { name status participantCount leaderboard { standings(first: 3) { edges { node { rank score user { displayName } } } } } } } } }' // biome-ignore format: one operation
  const { port } = new URL(url)
  const reset = port === '4000' ? 'npm run reset' : `PORT=${port} npm run reset`
  return [
    '',
    `Podium is ready.`,
    '',
    `  API       ${url} (HTTP; subscriptions over WebSocket, server-sent events or multipart)`,
    `  Explorer  ${origin}/`,
    `  Docs      ${origin}/docs`,
    ...(sendsMails ? [] : [`  Outbox    ${origin}/outbox (mails that would have been sent)`]),
    ...(logins.length > 0 ? ['', '  Demo accounts, generated for this instance:'] : []),
    ...logins.map(({ role, email, password }) => `  ${role.padEnd(9)} ${email}  ${password}`),
    '',
    '  A query:',
    `  curl -s ${url} -H 'content-type: application/json' -d '${JSON.stringify({ query })}'`,
    '',
    // Without the demo no competition is running yet.
    ...(logins.length > 0 ? ['  A live leaderboard:', `  npm run -s watch -- ${url}`, ''] : []),
    `  Ctrl-C stops it; the data stays. ${reset} clears it.`,
    '',
  ].join('\n')
}
