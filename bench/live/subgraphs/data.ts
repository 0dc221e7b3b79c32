export type User = { id: string; name: string; pictureUrl: string }

/** What of a board follows from its revision. */
export type Standings = { rank: number; score: number; user: { id: string } }[]

const PLACES = 20
const FIRST_SCORE = 900_000

const givenNames = ['Ada', 'Bruno', 'Chloe', 'Dmitri', 'Esi']
const familyNames = ['Kowalczyk', 'Teixeira', 'Marchetti', 'Halonen', 'Owusu']

/** More than there are places, so that who is on the board changes with it. */
export const users: User[] = givenNames.flatMap((given, first) =>
  familyNames.map((family, second) => {
    const id = `user-${1001 + first * familyNames.length + second}`
    return { id, name: `${given} ${family}`, pictureUrl: `https://pictures.example.com/users/${id}/256.webp` }
  }),
)

/** Who stands where at a revision, so that any process can tell what a frame has to hold. */
export function standingsAt(revision: number): Standings {
  return Array.from({ length: PLACES }, (_, place) => ({
    rank: place + 1,
    score: FIRST_SCORE - place * 1_000 - (revision % 1_000),
    user: { id: userAt(revision, place).id },
  }))
}

/** The same with names and pictures, as a gateway has to join them. */
export function joinedStandingsAt(revision: number) {
  return standingsAt(revision).map((standing, place) => ({
    ...standing,
    user: { ...userAt(revision, place) },
  }))
}

function userAt(revision: number, place: number): User {
  return users[(revision + place) % users.length] as User
}
