const fine = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 })
const finer = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 })
const finest = new Intl.NumberFormat(undefined, { maximumFractionDigits: 3 })

/** For example "0.6", "0.02", "0.003" or "28.4". */
export function formatCredits(credits: number): string {
  if (credits >= 1) return fine.format(credits)
  return (credits >= 0.1 ? finer : finest).format(credits)
}

/** "1 credit", "0.6 credits" */
export function formatCreditCount(credits: number): string {
  const amount = formatCredits(credits)
  return `${amount} ${amount === '1' ? 'credit' : 'credits'}`
}

/** "4.2 s" */
export function formatSeconds(seconds: number): string {
  return `${fine.format(seconds)} s`
}
