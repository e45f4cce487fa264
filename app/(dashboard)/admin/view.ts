/** Of each list on one page. */
export const MOST_LISTENERS = 100
export const MOST_INVITES = 50

/** What the address says after the question mark: which runs, and where the pages of the lists begin. */
export interface View {
  state?: string | undefined
  listener?: string | undefined
  /** Of the runs. */
  cursor?: string | undefined
  /** Cursors of the other lists. */
  listeners?: string | undefined
  invites?: string | undefined
}

/** The view as a query string; what is undefined or empty is left out. */
function queryOf(view: object): string {
  const given = Object.entries(view).filter(([, value]) => value)
  return new URLSearchParams(given).toString()
}

/** The address of a view. */
export const addressOf = (view: View) => `/admin?${queryOf(view)}`
