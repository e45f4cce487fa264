/** The charts of a top page. */
export function chartsOf(what: 'tracks' | 'artists') {
  return [`top-${what}`, `top-${what}-ranks`] as const
}
