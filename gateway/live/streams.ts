import { type DocumentNode, GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql'
import { badUserInput } from '../../platform/errors.ts'
import type { Caller, Identity } from '../../platform/identity.ts'
import type { Logger } from '../../platform/logger.ts'
import { apiOf } from '../access/api.ts'
import { type Price, priceOf } from '../access/cost-report.ts'
import { InvalidOperationError } from '../execution/invalid-operation.ts'
import type { SubscriptionOperation } from '../execution/operation.ts'
import { engineFor, type Served } from '../supergraph/served.ts'
import { identityKey } from './admission.ts'
import { withChangedAt } from './changed-at.ts'
import type { LiveCounters } from './counters.ts'
import { type Log, openLog } from './log.ts'
import type { OpenStream, Outlet, Stream, Subscription } from './outlet.ts'
import { Reader } from './reader.ts'
import { refusal } from './refusal.ts'
import { type Resumable, resumable } from './resume.ts'
import type { Source } from './source.ts'
import { openTopic, type Sharing, type Topic } from './topic.ts'

/** A subscription that was found to be in order; `open` starts it. */
export type PreparedStream = {
  schema: GraphQLSchema
  document: DocumentNode
  /** Of each of its results. */
  price: Price
  open: OpenStream
}

export type Streams = {
  /** Throws GraphQLError or InvalidOperationError for what cannot be run by whoever this is. */
  prepare(subscription: Subscription, identity: Identity): PreparedStream
  /** Another supergraph is served: streams go on under it, or end where they are not valid any more. */
  changed(): void
}

type Options = {
  /** What serves new streams. */
  served: () => Pick<Served, 'engines' | 'upstreams' | 'supergraph' | 'subgraphs'>
  /** Whether those who watch the same share it. */
  isSharing: boolean
  /** How often readers are judged again, in ms. */
  admissionCheck: number
  /** Within how many ms streams begin anew under another supergraph. */
  spread: number
  counters: LiveCounters
  logger: Logger
}

/**
 * Federated subscriptions. The field runs on the subgraph that owns it, and for each of its events the other subgraphs add
 * what is theirs: once for all who watch the same, unless every event counts.
 */
export function createStreams(options: Options): Streams {
  const { served, isSharing, admissionCheck, spread, counters, logger } = options
  const topics = new Map<string, Opened<Topic>>()
  const logs = new Set<Opened<Log> & { end(error: unknown): void }>()
  let unshared = 0

  return {
    prepare(subscription, identity) {
      const found = find(subscription, identity)
      return {
        schema: found.schema,
        document: found.source.operation.document,
        price: priceOf(found.source.operation.cost, subscription.variables ?? {}),
        open: (caller, outlet) =>
          (found.resuming.everyEventCounts ? openOneLog : enterTopic)(found, subscription, caller, outlet),
      }
    },
    changed() {
      for (const [key, opened] of topics) replaceTopic(key, opened)
      for (const { stream, subscription, caller, end } of logs) {
        try {
          const { source, resuming } = find(subscription, caller.identity)
          stream.adopt(source, resuming)
        } catch (error) {
          end(error)
        }
      }
    },
  }

  function find({ query, operationName, variables: given }: Subscription, identity: Identity): Found {
    const present = served()
    const { upstreams, supergraph, subgraphs } = present
    const api = apiOf(identity)
    const engine = engineFor(present, api)
    const operation = engine.operation(query, operationName)
    if (operation.kind !== 'subscription') {
      throw badUserInput('Only subscriptions are streams. Send this operation over HTTP.')
    }
    const read = operation.variablesOf(given ?? {})
    if (read.errors) throw new InvalidOperationError(read.errors.map(toError))
    const { variables, coerced } = read
    const { serviceName } = operation.primary
    const upstream = upstreams[serviceName]
    if (!upstream) throw new Error(`there is no subgraph ${serviceName} to watch`)
    const asked = { query: operation.primary.operation, variables }
    const resuming = resumable(asked, supergraph.schema)
    const { operation: primary, changedAtOf } = isOurs(serviceName, subgraphs)
      ? withChangedAt(asked, serviceName, supergraph)
      : { operation: asked, changedAtOf: () => null }
    return {
      served: present,
      schema: engine.schema,
      source: { operation, variables: given ?? {}, upstream, primary, changedAtOf },
      resuming,
      text: JSON.stringify([api, operation.text, coerced]),
      sharing: sharingOf(operation, subgraphs),
    }
  }

  /** Subgraphs that are not told who asks give everyone the same. */
  function sharingOf(operation: SubscriptionOperation, subgraphs: Served['subgraphs']): Sharing {
    if (!isSharing) return 'never'
    if (subgraphs.every(({ secret }) => secret === null)) return 'open'
    return operation.dependsOnViewer ? 'never' : 'judged'
  }

  function keyOf({ text, sharing }: Found, { identity }: Caller): string {
    return sharing === 'never' ? `${identityKey(identity)} ${text}` : text
  }

  function enterTopic(found: Found, subscription: Subscription, caller: Caller, outlet: Outlet): Stream {
    const reader = new Reader(caller, outlet, counters)
    // Its outlet is not called before this has returned.
    queueMicrotask(() => {
      if (!reader.isOpen) return
      try {
        const present = found.served === served() ? found : find(subscription, caller.identity)
        topicOf(present, subscription, caller).enter(reader)
      } catch (error) {
        reader.fail(refusal(error, { logger, requestId: caller.requestId }))
      }
    })
    return { drained: () => reader.drained(), close: () => reader.close() }
  }

  function topicOf(found: Found, subscription: Subscription, caller: Caller): Topic {
    const key = isSharing ? keyOf(found, caller) : String(unshared++)
    const known = topics.get(key)
    if (known) return known.stream
    const { source, sharing } = found
    const onEmpty = () => topics.get(key)?.stream === topic && topics.delete(key)
    const topic = openTopic({ source, sharing, admissionCheck, onEmpty, counters, logger })
    topics.set(key, { stream: topic, subscription, caller })
    return topic
  }

  function replaceTopic(key: string, { stream: topic, subscription, caller }: Opened<Topic>): void {
    try {
      const found = find(subscription, caller.identity)
      if (!isSharing || keyOf(found, caller) === key) {
        topic.adopt(found.source, spread)
        return
      }
      // Its result depends on other things than before.
      topics.delete(key)
      for (const reader of topic.close()) topicOf(found, subscription, reader.caller).enter(reader)
    } catch (error) {
      topic.end(refusal(error, { logger, requestId: caller.requestId }))
    }
  }

  function openOneLog(
    { source, resuming }: Found,
    subscription: Subscription,
    caller: Caller,
    outlet: Outlet,
  ): Stream {
    const onEnd = () => logs.delete(opened)
    const stream = openLog({ source, resuming, caller, outlet, onEnd, counters, logger })
    const end = (error: unknown) => {
      stream.close()
      outlet.fail(refusal(error, { logger, requestId: caller.requestId }))
    }
    const opened = { stream, subscription, caller, end }
    logs.add(opened)
    return stream
  }
}

/** What a subscription amounts to under one supergraph. */
type Found = {
  served: ReturnType<Options['served']>
  schema: GraphQLSchema
  source: Source
  resuming: Resumable
  /** Those with the same are the same operation with the same variables, of callers who see the same API. */
  text: string
  sharing: Sharing
}

/** What goes on, what it was opened for, and for whom first. */
type Opened<T> = { stream: T; subscription: Subscription; caller: Caller }

/** Others are asked no more than the client asks: what they would fail at is not known. */
const isOurs = (name: string, subgraphs: Served['subgraphs']) =>
  subgraphs.some((subgraph) => subgraph.name === name && subgraph.secret !== null)

const toError = ({ message, path, extensions }: GraphQLFormattedError) =>
  new GraphQLError(message, { path, extensions })
