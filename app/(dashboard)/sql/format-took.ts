/** How long a query took: "38 ms", "1.2 s". */
export function formatTook(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`
}
