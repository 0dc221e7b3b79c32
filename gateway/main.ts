import { readGatewayConfig } from '../platform/config.ts'
import { run } from '../platform/listen.ts'
import { startGateway } from './start.ts'

await run(async () => {
  const gateway = await startGateway(readGatewayConfig(process.env))
  console.error(`listening on ${gateway.url}`)
  return gateway
})
