import { IncomingMessage } from 'node:http'

/**
 * A request whose body can be withheld from the application. Node's server pushes each chunk of the body, then null;
 * `sink` receives them instead of the readers.
 */
export class GatedMessage extends IncomingMessage {
  /** Returns false if no more should be read before `readOn()`. */
  sink: ((chunk: Buffer | null) => boolean) | null = null

  /** Resumes reading from the connection. */
  readOn(): void {
    this._read(0)
  }

  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    if (this.sink === null) return super.push(chunk, encoding)
    return this.sink(chunk) !== false
  }
}
