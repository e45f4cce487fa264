/** Where untouched answers wait until every destination has them. Paths are relative, with `/`. */
export interface Landing {
  /** Stores a JSON text, gzipped, durably (a crash afterwards loses nothing). Overwrites. @returns stored bytes */
  put(path: string, json: string): Promise<number>
  /** @throws Stop when the object is missing, cut short or not JSON. */
  get(path: string): Promise<string>
  /** Moves an object; moving one that is already there is no error. */
  move(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** Every object path below a prefix, in pages of at most 1000. */
  list(prefix: string): AsyncIterable<string[]>
  /** Removes everything below a prefix. @returns how many objects went */
  removeAll(prefix: string): Promise<number>
}
