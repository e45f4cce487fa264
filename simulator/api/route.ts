import type { Json } from '#lib/core/table.ts'
import type { Catalog } from '#simulator/catalog/catalog.ts'
import type { Listener } from '#simulator/music/listeners.ts'
import type { Music } from '#simulator/music/music.ts'
import type { ApiObjects } from './objects.ts'

/** An authenticated request to the Web API. */
export interface ApiRequest {
  origin: string
  /** Without `/v1`. */
  path: string
  query: URLSearchParams
  listener: Listener
  music: Music
  catalog: Catalog
  objects: ApiObjects
  scopes: ReadonlySet<string>
  /** The instant to respond as of. */
  at: number
  /** Whether playlists use the field names from before February 2026. */
  oldShapes: boolean
}

export interface Route {
  path: RegExp
  scope?: string
  /** @param id the first group of the path @returns the body, or undefined for 204 */
  respond(request: ApiRequest, id: string): Json | undefined
}
