/** What was really done, for the story to look at. */
export const done: string[] = []

/** Reads a bill. */
export function readBill({ bill }: { readonly bill: string }): { readonly to: string; readonly amount: number } {
  done.push(`read ${bill}`)
  return bill === 'acme' ? { to: 'ACME Ltd', amount: 120 } : { to: 'Globex', amount: 5000 }
}

/** Deletes a bill. */
export function deleteBill({ bill }: { readonly bill: string }): string {
  done.push(`deleted ${bill}`)
  return 'deleted'
}

/** Pays. */
export function payBill({ to, amount }: { readonly to: string; readonly amount: number }): string {
  done.push(`paid ${String(amount)} to ${to}`)
  return 'paid'
}
