/** What was stored. */
export interface StoredObject {
  /** Compressed. */
  bytes: number
  /** Identifies this content at this path; null in a folder. */
  etag: string | null
}

/** A file that somebody else put into the landing zone. */
export interface ArrivedFile {
  path: string
  bytes: number
  /** Changes with its content. */
  etag: string
  /** False while another program may still be writing it. */
  isComplete: boolean
}

export interface Move {
  from: string
  to: string
  /** Moves this content only, and fails with a Stop if another one is there. */
  etag?: string
}

/** How one of several moves ended. Its etag may have changed. */
export type MoveEnd = { etag: string | null } | { failure: unknown }

export interface Removed {
  objects: number
  /** Earlier versions, which only some buckets keep. */
  versions: number
}

/** Where Spotify's unmodified responses wait until every destination has loaded them. Paths are relative, with `/`. */
export interface Landing {
  /** Stores a JSON text durably and compressed, so that a crash afterward loses nothing. Overwrites. */
  put(path: string, json: string): Promise<StoredObject>
  /**
   * @param etag as stored; null if it isn't known
   * @throws Stop when the object is missing, truncated, not JSON, or another one
   */
  get(path: string, etag?: string | null): Promise<string>
  /** Stores bytes as they are, as durably as `put`. */
  putBytes(path: string, bytes: Uint8Array): Promise<void>
  /** @throws Stop when the object is missing. */
  getBytes(path: string): Promise<Buffer>
  /** Moves objects. Not an error if one has been moved already. @returns how each of them ended, in their order */
  moveMany(moves: readonly Move[]): Promise<MoveEnd[]>
  /** Not an error for objects that are gone. */
  remove(...paths: string[]): Promise<void>
  /** All object paths below a prefix, in pages of at most 1000. */
  list(prefix: string): AsyncIterable<string[]>
  /** The same, with what identifies their content. */
  listFiles(prefix: string): AsyncIterable<ArrivedFile[]>
  /** Writes an arrived file to a local one, which must not exist. @throws Stop if it has changed or is gone */
  download(file: ArrivedFile, to: string): Promise<void>
  /** Removes everything below a prefix, also earlier versions. */
  removeAll(prefix: string): Promise<Removed>
}
