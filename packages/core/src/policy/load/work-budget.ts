/** How much may be compared with how much: a policy that is larger than that is refused, not waited for. */
export interface WorkBudget {
  /** Takes some work; false where there is none left. */
  spend(work: number): boolean
}

/** A budget of so many steps. */
export function workBudget(steps: number): WorkBudget {
  let left = steps
  return {
    spend: (work) => {
      left -= work
      return left >= 0
    },
  }
}
