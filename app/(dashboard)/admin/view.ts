/** Page sizes of the lists. */
export const MAX_LISTENERS = 100
export const MAX_INVITES = 50
const PAGE_SIZE = 20

/** What the list of runs is fetched with. */
export function runsQuery({ state, listener, cursor }: View) {
  return { limit: PAGE_SIZE, state, listener, cursor }
}

/** The search parameters of the page: filters of the runs, and the cursors of the lists. */
export interface View {
  state?: string | undefined
  listener?: string | undefined
  /** Cursor of the runs. */
  cursor?: string | undefined
  /** Cursors of the other lists. */
  listeners?: string | undefined
  invites?: string | undefined
}

/** The view as a query string, without empty values. */
function queryOf(view: object): string {
  const params = Object.entries(view).filter(([, value]) => value)
  return new URLSearchParams(params).toString()
}

/** The address of a view. */
export const adminHref = (view: View) => `/admin?${queryOf(view)}`
