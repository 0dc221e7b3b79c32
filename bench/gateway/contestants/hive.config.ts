import { defineConfig } from '@graphql-hive/gateway'
import { unifiedGraphHandler } from '@graphql-hive/router-runtime'

const { PLANNER, SUBGRAPH_SHARING, CLIENT_SHARING } = process.env

export const gatewayConfig = defineConfig({
  logging: false,
  graphiql: false,
  landingPage: false,
  // As its makers set them in their own benchmark; both at once answer null for everything.
  ...(PLANNER === 'rust' ? { unifiedGraphHandler } : { jit: true }),
  transportEntries: {
    '*.http': {
      options: {
        deduplicateInflightRequests: SUBGRAPH_SHARING === 'on',
        subscriptions: { kind: 'ws', location: '/graphql' },
      },
    },
  },
  inboundInflightRequestDeduplication: CLIENT_SHARING === 'on',
})
