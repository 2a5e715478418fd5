import { PAIRS, holdAgainstCases, versions } from './cases.ts'
import { callbackFixture, fetchFixture } from './fixture.ts'
import { clientV1, clientV2 } from './sdk-clients.ts'

holdAgainstCases(
  PAIRS.filter(({ client, server }) => client.major === server.major).map((pair) => ({
    name: `callbacks, ${versions(pair)}`,
    fixture: callbackFixture(pair),
  })),
)

holdAgainstCases(
  [clientV1, clientV2].map((client) => ({
    name: `fetch, client v${String(client.major)}`,
    fixture: fetchFixture(client),
  })),
  // Whatever is served over HTTP is a message, and each is judged.
  new Set([
    'a-tool-that-cannot-be-guarded-is-refused-when-it-is-wrapped',
    'a-tool-goes-without-a-guard-only-on-the-record-and-by-its-own-name',
  ]),
)
