/** What is in an archive, for who opens it. A test keeps it complete. */
export const README = `This archive holds all that Podium holds about you.

Each .jsonl file is from one part of the service. Every line of it is one thing, in JSON; its "kind" says what it is, and its "data" the rest. Times are in UTC.
What keeps accounts safe is left out, such as hashes of passwords and keys, and so is what is about other people.

users.jsonl
  "profile" is your account: your address, your name, and how you set it up.
  "session" is a place where you are or were signed in.
  "apiKey" is a key that you made for a program, without its secret.
  "mailedLink" is a link that was sent to your address, to verify it or to reset your password, without its secret.
  "outsideIdentity" is how another service that you sign in with knows you.
  "upload" is a picture that you sent or were about to send. "avatar.webp", if it is here, is the picture that shows.
  "export" is a time when you asked for an archive such as this.
  "auditEntry" is something that was done to your account; "actorId" is your own id where you did it, and empty otherwise.
  "ownAct" is something that you did to something else, with an administrator's rights.

competitions.jsonl
  "organizedCompetition" is a competition that you organize.
  "participation" is your place in a competition; its status says whether you left.
  "invitation" is a code that you made for others to join with, without the code.

leaderboard.jsonl
  "standing" is your score in a competition; "adjustment" is what was added to it by hand.
  "finalStanding" is your final place in a competition.
  "board" is the leaderboard of a competition that you organize.

fitness.jsonl
  "timeZone" is where your days begin and end.
  "device" is a device that you synced with.
  "record" is what a device, or you by hand, recorded, and what became of it.
  "workout" is a workout that was recorded.
  "quarterHour" is what counts of your records, in each quarter of an hour.
  "score" is what you reached in a competition.

notifications.jsonl
  "name" is what you are called where others are told of you.
  "notification" is what you were told.
  "email" is a mail that you were sent, and what became of it. Where the service runs for developers alone, mails are kept
  instead of sent, as "developersCopyOfEmail"; their text is left out, since their links open accounts.
`
