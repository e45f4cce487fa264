const RANGES: Record<string, string> = { st: '4 weeks', mt: '6 months', lt: '1 year' }

/**
 * A stream's name in words: `user_top_tracks_st_stream` is "Top tracks, 4 weeks". Derived, so that a new stream needs
 * no line here.
 */
export function streamTitle(stream: string): string {
  const bare = stream.replace(/^user_/, '').replace(/_stream$/, '')
  const range = RANGES[bare.slice(-2)]
  const words = (range ? bare.slice(0, -3) : bare).replaceAll('_', ' ')
  const title = words.charAt(0).toUpperCase() + words.slice(1)
  return range ? `${title}, ${range}` : title
}
