import { MINUTE } from '#lib/core/clock.ts'
import type { RemoteSimulator } from '#simulator/admin/remote.ts'
import type { Draw } from '#simulator/core/random.ts'

/** A listener who uses the simulated Spotify, independently of the instance that reads it. */
export class ListenerActivity {
  readonly #spotify: RemoteSimulator
  readonly #listener: string
  #at: number
  #playlist: string | undefined

  /** @param at the initial time of the simulated clock, which moves with each `advance` */
  constructor(spotify: RemoteSimulator, listener: string, at: Date) {
    this.#spotify = spotify
    this.#listener = listener
    this.#at = at.getTime()
  }

  /** @param likes liked songs in addition to those from the seed */
  async start(likes: number): Promise<void> {
    await this.#spotify.configure({
      clock: { set: new Date(this.#at).toISOString() },
      changes: [{ what: 'like', listener: this.#listener, count: likes }],
    })
    const playlists = await this.#spotify.expected(this.#listener, 'playlists')
    this.#playlist = String(playlists.find(({ readable }) => readable)?.id)
  }

  /** Lets five minutes pass in which songs are played, one is liked, one is unliked and one is added to a playlist. */
  async advance(draw: Draw): Promise<void> {
    this.#at += 5 * MINUTE
    const listener = this.#listener
    await this.#spotify.configure({
      clock: { set: new Date(this.#at).toISOString() },
      changes: [
        { what: 'play', listener, count: 1 + Math.floor(draw() * 3) },
        { what: 'like', listener },
        { what: 'unlike', listener, position: Math.floor(draw() * 200) },
        { what: 'playlist', listener, playlist: this.#playlist ?? '', add: 1 },
      ],
    })
  }
}
