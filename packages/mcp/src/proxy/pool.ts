import { type Back, type BackEvents, type OpenBack, answeredId, requestId } from './back.ts'

/** A server that nobody uses at the moment, or one client. */
interface Member {
  readonly back: Back
  user: BackEvents | undefined
  /** Requests without an answer: such a server is not handed to the next one. */
  open: number
  isGone: boolean
}

/** Servers that are kept for the next request, one user at a time. */
export interface Pool {
  readonly openBack: OpenBack
  readonly close: () => Promise<void>
}

/**
 * Lends servers out: since revision 2026-07-28 each request stands alone, and starting a process for each of them would
 * be slow. What a server still says when its user is gone is dropped.
 */
export function pool(
  openBack: OpenBack,
  { keep, say }: { readonly keep: number; readonly say: (text: string) => void },
): Pool {
  const idle: Member[] = []
  let isClosed = false

  const start = async (user: BackEvents): Promise<Member> => {
    const member: { -readonly [Key in keyof Member]?: Member[Key] } = { user, open: 0, isGone: false }
    const made = member as Member // `back` comes before anyone else sees it
    member.back = await openBack({
      message: async (message, received) => {
        if (answeredId(message) !== undefined) made.open -= 1
        await made.user?.message(message, received)
      },
      say,
      closed: (why) => {
        made.isGone = true
        made.user?.closed(why)
      },
    })
    return made
  }
  const giveBack = async (member: Member): Promise<void> => {
    member.user = undefined
    if (!isClosed && !member.isGone && member.open === 0 && idle.length < keep) idle.push(member)
    else await member.back.close()
  }
  return {
    openBack: async (user) => {
      let member = idle.pop()
      while (member?.isGone === true) member = idle.pop()
      if (member === undefined) member = await start(user)
      else member.user = user
      const lent = member
      return {
        send: async (message) => {
          if (requestId(message) !== undefined) lent.open += 1
          await lent.back.send(message)
        },
        close: () => giveBack(lent),
      }
    },
    close: async () => {
      isClosed = true
      await Promise.all(idle.splice(0).map(({ back }) => back.close()))
    },
  }
}
