/** What an item says. */
export type Message = { title: string; body: string }

/** What everyone in a competition is told about. */
export type Announcement =
  | { cause: 'STARTED' }
  | { cause: 'CLOSED' }
  | { cause: 'COMPLETED' }
  | { cause: 'CANCELLED'; reason: string }

export type Cause = Announcement['cause']

/** The longest reason that is repeated in full. */
const REASON_LIMIT = 500 // characters

/** From here on the others are not counted any more. */
const MANY = 100 // people

/** What everyone in a competition is told; the name is the one it has now. */
export function announcementMessage(announcement: Announcement, competition: string): Message {
  switch (announcement.cause) {
    case 'STARTED':
      return { title: `${competition} has started`, body: 'What you do until it ends counts.' }
    case 'CLOSED':
      return {
        title: `${competition} is over`,
        body: 'Late syncs still count, so bring in what your devices have recorded.',
      }
    case 'COMPLETED':
      return { title: `${competition}: the standings are final`, body: 'See where everyone came in.' }
    case 'CANCELLED':
      return {
        title: `${competition} was called off`,
        body: reasonGiven(announcement.reason.trim()),
      }
  }
}

/**
 * What a person is told who was overtaken by `mover` and, in the same item, by `others` more. A name that is not
 * known yet is null.
 */
export function overtakenMessage(told: {
  mover: string | null
  others: number
  competition: string | null
}): Message {
  const { mover, others, competition } = told
  return {
    title: `${mover ?? 'Someone'}${andOthers(others)} overtook you`,
    body: `You were passed in ${competition ?? 'a competition'}. Sync to see if you are ahead again.`,
  }
}

/** What a person is told whose archive is there. Where it is is not in it: whoever knows that can read everything. */
export const exportReadyMessage: Message = {
  title: 'Your data is ready',
  body: 'The archive of all that Podium holds about you can be downloaded for seven days after you asked for it, from the address that you were given then. If your mail address is verified, it was mailed to you, too.',
}

function reasonGiven(reason: string): string {
  return reason ? `The reason given: ${clip(reason, REASON_LIMIT)}` : 'No reason was given.'
}

function andOthers(others: number): string {
  if (others === 0) return ''
  if (others === 1) return ' and 1 other'
  return others < MANY ? ` and ${others} others` : ' and many others'
}

function clip(text: string, limit: number): string {
  const characters = [...text]
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join('')}…`
}
