import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendFailure } from './answers.ts'
import { SnowflakeFailure } from './failure.ts'
import type { FaultDeed } from './faults.ts'
import { send } from './http.ts'

export const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms))

/** Does what a fault says. @returns whether the request is over with that */
export async function misbehave(deed: FaultDeed, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  if (deed.kind === 'refuse' && deed.when === 'after') return false
  if (deed.kind === 'refuse') sendFailure(response, new SnowflakeFailure(deed.code, deed.message, deed.sqlState))
  else if (deed.kind === 'status') send(response, deed.status, 'text/html', deed.body)
  else if (deed.kind === 'malformed') send(response, 200, 'application/json', deed.body)
  else if (deed.kind === 'never') return true
  else if (deed.kind === 'cut' && deed.when === 'before') request.socket.destroy()
  else if (deed.kind === 'slow') {
    await wait(deed.ms)
    return false
  } else return false
  return true
}
