import type { Json } from '#lib/core/table.ts'
import type { Catalogue } from '#simulator/catalogue/catalogue.ts'
import type { Listener } from '#simulator/music/listeners.ts'
import type { Music } from '#simulator/music/music.ts'
import type { ApiObjects } from './objects.ts'

/** A request to the Web API that has passed the door: whose it is, as of when, and what it asks for. */
export interface ApiRequest {
  origin: string
  /** Without `/v1`. */
  path: string
  query: URLSearchParams
  listener: Listener
  music: Music
  catalogue: Catalogue
  objects: ApiObjects
  scopes: ReadonlySet<string>
  /** The instant whose truth is asked for. */
  at: number
  /** Whether playlists use the names of before February 2026. */
  oldShapes: boolean
}

export interface Route {
  path: RegExp
  scope?: string
  /** @returns the body, or undefined for "no content"; `id` is the first group of the path */
  respond(asked: ApiRequest, id: string): Json | undefined
}
