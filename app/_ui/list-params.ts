import { type SearchParams, searchParam } from '#app/search-params.ts'

/** Parameters of a list that are in the address of its page. */
export const LIST_PARAMS = ['sort', 'search', 'cursor'] as const

/** Those of a page's address, on the server, as `useListParams` has them in the browser. */
export async function listParams(searchParams: SearchParams): Promise<Record<string, string>> {
  const params: Record<string, string> = {}
  for (const name of LIST_PARAMS) {
    const value = await searchParam(searchParams, name)
    if (value) params[name] = value
  }
  return params
}
