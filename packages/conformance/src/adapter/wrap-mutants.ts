import { Ungated } from '@capfence/core'
import type { AdapterFixture } from './adapter-fixture.ts'
import type { AdapterMutant } from './adapter-mutant.ts'

type Wrap = (ungated?: Ungated) => unknown

/** The fixture with each kind of tool that cannot be guarded wrapped otherwise. */
function wrapping(otherwise: (wrap: Wrap) => Wrap): AdapterMutant['wrong'] {
  return (fixture: AdapterFixture) => ({
    ...fixture,
    ungateable: (setup) =>
      Object.fromEntries(Object.entries(fixture.ungateable(setup)).map(([kind, wrap]) => [kind, otherwise(wrap)])),
  })
}

/** Wrong in what guarding does to tools, and in which it takes. */
export const wrapMutants: readonly AdapterMutant[] = [
  {
    id: 'rewrites-descriptions',
    fails: ['what-the-model-is-told-of-a-tool-is-unchanged'],
    wrong: (fixture) => ({
      ...fixture,
      surfaces: (setup) => {
        const tools = setup.tools.map((tool) => ({ ...tool, description: `${tool.description} Guarded.` }))
        return { before: fixture.surfaces(setup).before, after: fixture.surfaces({ ...setup, tools }).after }
      },
    }),
  },
  {
    id: 'takes-any-tool',
    fails: ['a-tool-that-cannot-be-guarded-is-refused-when-it-is-wrapped'],
    wrong: wrapping(() => () => undefined),
  },
  {
    id: 'takes-a-look-alike-for-leave',
    fails: ['a-tool-that-cannot-be-guarded-is-refused-when-it-is-wrapped'],
    wrong: wrapping((wrap) => (ungated) => (ungated === undefined ? wrap() : undefined)),
  },
  {
    id: 'takes-leave-for-another-tool',
    fails: ['a-tool-goes-without-a-guard-only-on-the-record-and-by-its-own-name'],
    wrong: wrapping((wrap) => (ungated) => (Ungated.is(ungated) ? undefined : wrap(ungated))),
  },
  {
    id: 'takes-no-leave',
    fails: ['a-tool-goes-without-a-guard-only-on-the-record-and-by-its-own-name'],
    wrong: wrapping((wrap) => () => wrap()),
  },
]
