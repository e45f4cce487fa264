import { IncomingMessage } from 'node:http'

/**
 * A request whose body can be withheld from the application. Node's server pushes each chunk of the body, then null; `sink`
 * gets them instead of the readers.
 */
export class GatedMessage extends IncomingMessage {
  sink: ((chunk: Buffer | null) => void) | null = null

  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    if (this.sink === null) return super.push(chunk, encoding)
    this.sink(chunk)
    return true
  }
}
