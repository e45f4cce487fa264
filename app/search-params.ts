/** What Next hands a page of its address after the question mark. */
export type SearchParams = Promise<Record<string, string | string[] | undefined>>

/** One parameter, where it was given exactly once. */
export async function searchWord(searchParams: SearchParams, name: string): Promise<string | undefined> {
  const value = (await searchParams)[name]
  return typeof value === 'string' ? value : undefined
}
