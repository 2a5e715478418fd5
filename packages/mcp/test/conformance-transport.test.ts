import { PAIRS, holdAgainstCases, versions } from './cases.ts'
import { transportFixture } from './fixture.ts'

const SIDES = ['at the server', 'at the client'] as const

holdAgainstCases(
  PAIRS.flatMap((pair) =>
    SIDES.map((gate) => ({ name: `${versions(pair)}, gate ${gate}`, fixture: transportFixture({ ...pair, gate }) })),
  ),
)
