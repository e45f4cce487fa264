/** The search parameters as Next passes them to a page. */
export type SearchParams = Promise<Record<string, string | string[] | undefined>>

/** The value of a parameter, if it appears exactly once. */
export async function searchParam(searchParams: SearchParams, name: string): Promise<string | undefined> {
  const value = (await searchParams)[name]
  return typeof value === 'string' ? value : undefined
}
