import { type FieldDefinitionNode, Kind, type TypeNode } from 'graphql'
import { type DeclaredField, declaredFields } from './declared-fields.ts'

/** Every field that a client may know of. */
export const fields = declaredFields().filter(({ audience }) => audience !== 'gateways')

/** Yesterday: of days that are longer past than two years nobody may ask. */
const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)

/** How a query comes to a type: `*` stands for the selection. Ids are variables. */
export const reach: Record<string, string> = {
  Competition: 'competition(id: $id) { * }',
  CompetitionConnection: 'competitions(first: 5) { * }',
  CompetitionEdge: 'competitions(first: 5) { edges { * } }',
  PageInfo: 'competitions(first: 5) { pageInfo { * } }',
  ParticipationConnection: 'competition(id: $id) { participants { * } }',
  ParticipationEdge: 'competition(id: $id) { participants { edges { * } } }',
  Participation: 'competition(id: $id) { participants { edges { node { * } } } }',
  Leaderboard: 'leaderboard(competitionId: $id) { * }',
  StandingConnection: 'leaderboard(competitionId: $id) { standings { * } }',
  StandingEdge: 'leaderboard(competitionId: $id) { standings { edges { * } } }',
  Standing: 'leaderboard(competitionId: $id) { standings { edges { node { * } } } }',
  User: 'user(id: $userId) { * }',
  Viewer: 'viewer { * }',
  Session: 'viewer { sessions { * } }',
  ApiKey: 'viewer { apiKeys { * } }',
  InvitationConnection: 'viewer { invitations { * } }',
  InvitationEdge: 'viewer { invitations { edges { * } } }',
  Invitation: 'viewer { invitations { edges { node { * } } } }',
  UserConnection: 'users { * }',
  UserEdge: 'users { edges { * } }',
  Fitness: 'viewer { fitness { * } }',
  ActivityDay: `viewer { fitness { days(from: "${day}", to: "${day}") { * } } }`,
  ActivitySummary: 'viewer { fitness { summary { * } } }',
  ActivityTotal: 'viewer { fitness { summary { total { * } } } }',
  WorkoutConnection: 'viewer { fitness { workouts { * } } }',
  WorkoutEdge: 'viewer { fitness { workouts { edges { * } } } }',
  Workout: 'viewer { fitness { workouts { edges { node { * } } } } }',
  ActivityRecordConnection: `viewer { fitness { records(day: "${day}") { * } } }`,
  ActivityRecordEdge: `viewer { fitness { records(day: "${day}") { edges { * } } } }`,
  ActivityRecord: `viewer { fitness { records(day: "${day}") { edges { node { * } } } } }`,
  NotificationConnection: 'viewer { notifications { * } }',
  NotificationEdge: 'viewer { notifications { edges { * } } }',
  Notification: 'viewer { notifications { edges { node { * } } } }',
  HeldRecordConnection: 'heldRecords { * }',
  HeldRecordEdge: 'heldRecords { edges { * } }',
  HeldRecord: 'heldRecords { edges { node { * } } }',
  AuditEntryConnection: 'auditLog { * }',
  AuditEntryEdge: 'auditLog { edges { * } }',
  AuditEntry: 'auditLog { edges { node { * } } }',
}

/** Arguments of the fields that need some. */
const needed: Record<string, string> = {
  'Query.competition': 'id: $id',
  'Query.leaderboard': 'competitionId: $id',
  'Query.user': 'id: $userId',
  'Leaderboard.around': 'userId: $userId',
  'Leaderboard.standing': 'userId: $userId',
  'Fitness.days': `from: "${day}", to: "${day}"`,
  'Fitness.records': `day: "${day}"`,
  'Mutation.signUp': 'input: { email: "taken@example.com", password: "short", displayName: "" }',
  'Mutation.logIn': 'input: { email: "nobody@example.com", password: "not this one" }',
  'Mutation.refreshSession': 'refreshToken: "unknown"',
  'Mutation.requestPasswordReset': 'email: "nobody@example.com"',
  'Mutation.resetPassword': 'token: "unknown", newPassword: "short"',
  'Mutation.verifyEmail': 'token: "unknown"',
  'Mutation.changePassword': 'currentPassword: "not this one", newPassword: "short"',
  'Mutation.setUserRole': 'userId: $unknown, role: USER',
  'Mutation.suspendUser': 'userId: $unknown, reason: "none"',
  'Mutation.unsuspendUser': 'userId: $unknown, reason: "none"',
  'Mutation.updateProfile': 'input: { bio: "" }',
  'Mutation.requestAvatarUpload': 'input: { contentType: PNG, byteLength: 0 }',
  'Mutation.completeAvatarUpload': 'uploadId: $unknown',
  'Mutation.createApiKey': 'input: { name: "", scopes: [] }',
  'Mutation.revokeApiKey': 'id: $unknown',
  'Mutation.deleteMyAccount': 'password: "not this one"',
  'Mutation.createCompetition':
    'input: { name: "", metric: STEPS, startsAt: "2020-01-01T00:00:00Z", endsAt: "2020-01-02T00:00:00Z" }',
  'Mutation.updateCompetition': 'id: $unknown, input: { name: "x" }',
  'Mutation.openCompetition': 'id: $unknown',
  'Mutation.cancelCompetition': 'id: $unknown, reason: "none"',
  'Mutation.joinCompetition': 'id: $unknown',
  'Mutation.leaveCompetition': 'id: $unknown',
  'Mutation.createInvitation': 'competitionId: $unknown',
  'Mutation.adjustScore': 'input: { competitionId: $unknown, userId: $unknown, delta: 1, reason: "none" }',
  'Mutation.syncFitness': 'input: { provider: HEALTH_CONNECT, deviceId: "d" }',
  'Mutation.reviewRecords': 'ids: [$unknown], accept: true, reason: "none"',
  'Subscription.leaderboardChanged': 'competitionId: $id',
  'Subscription.viewerStandingChanged': 'competitionId: $id',
}

export const objects = new Set(fields.map(({ type }) => type))

/** A field with the arguments that it needs, and something of what it gives. */
export function selection({ type, name, node }: DeclaredField): string {
  const args = needed[`${type}.${name}`]
  return `${name}${args ? `(${args})` : ''}${isComposite(node) ? ' { __typename }' : ''}`
}

/** An operation of which only the variables are declared that it uses. */
export function operation(kind: string, text: string): string {
  const declared = ['id', 'userId', 'unknown'].filter((name) => text.includes(`$${name}`))
  const list = declared.map((name) => `$${name}: ID!`).join(', ')
  return `${kind}${list ? ` (${list})` : ''} { ${text} }`
}

/** The field of the root by which a query comes to a type. */
export function rootOf(type: string): DeclaredField {
  const name = /^\w+/.exec(reach[type] ?? '')?.[0]
  const root = fields.find((field) => field.type === 'Query' && field.name === name)
  if (!root) throw new Error(`no field of the root leads to ${type}`)
  return root
}

export function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type)
}

/** A type that no subgraph declares is a scalar, or the operation is not valid, which every test notices. */
const isComposite = (node: FieldDefinitionNode) => objects.has(namedType(node.type))
