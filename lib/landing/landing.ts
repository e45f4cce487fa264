/** Where Spotify's unmodified responses wait until every destination has loaded them. Paths are relative, with `/`. */
export interface Landing {
  /** Stores a JSON text durably and compressed, so that a crash afterward loses nothing. Overwrites. @returns stored bytes */
  put(path: string, json: string): Promise<number>
  /** @throws Stop when the object is missing, truncated or not JSON. */
  get(path: string): Promise<string>
  /** Stores bytes as they are, as durably as `put`. */
  putBytes(path: string, bytes: Uint8Array): Promise<void>
  /** @throws Stop when the object is missing. */
  getBytes(path: string): Promise<Buffer>
  /** Moves an object. Not an error if it has been moved already. */
  move(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** All object paths below a prefix, in pages of at most 1000. */
  list(prefix: string): AsyncIterable<string[]>
  /** Removes everything below a prefix. @returns the number of removed objects */
  removeAll(prefix: string): Promise<number>
}
