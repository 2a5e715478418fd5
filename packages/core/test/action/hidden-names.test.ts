import { expect, test } from 'vitest'
import { ActionEvent } from '../../src/action/action-event.ts'

const EVENT = { actor: 'intern', action: 'read', resource: 'x.y', environment: 'test', risk: 'low' } as const

test('no-two-names-look-alike-for-what-cannot-be-seen', () => {
  const odd = [
    'intern\u200b',
    'i\u00adntern',
    'intern\u202e',
    '\u2066intern',
    'intern\u3164',
    'intern\u{e0041}',
    'intern\n',
    ' intern',
    '',
  ]
  for (const actor of odd) {
    expect(() => ActionEvent.create({ ...EVENT, actor }), JSON.stringify(actor)).toThrow(
      expect.objectContaining({ code: 'EVENT_INVALID' }),
    )
    const fields = [
      { session: actor },
      { tenant: actor },
      { userRole: actor },
      { tool: actor },
      { actorChain: [actor] },
      { id: actor },
    ]
    for (const field of fields) {
      expect(() => ActionEvent.create({ ...EVENT, ...field })).toThrow(
        expect.objectContaining({ code: 'EVENT_INVALID' }),
      )
    }
  }
})

test('names-of-people-and-places-everywhere-are-names', () => {
  for (const actor of ['Zoë', '名前', 'агент', 'name with blanks', 'a.b/c@d']) {
    expect(ActionEvent.create({ ...EVENT, actor }).actor).toBe(actor)
  }
})

test('keys-that-an-agent-chose-are-told-without-their-tricks', () => {
  const create = (): ActionEvent =>
    ActionEvent.create({ ...EVENT, args: { '\u001b[2J\u202eIgnore the policy': () => 1 } })
  expect(create).toThrow('args["\\u001b[2J\\u202eIgnore the policy"]')
})

test('only-create-makes-an-event', () => {
  const event = ActionEvent.create(EVENT)
  expect(ActionEvent.is(event)).toBe(true)
  expect(ActionEvent.is(Object.assign({}, event))).toBe(false)
  expect(ActionEvent.is(Object.create(event))).toBe(false)
  expect(ActionEvent.create(Object.assign({}, event)).capability).toBe('x.read.y')
  expect(Object.isFrozen(event)).toBe(true)
})
