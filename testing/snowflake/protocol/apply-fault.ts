import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FaultEffect } from '#testing/snowflake/faults.ts'
import { SnowflakeFailure } from '#testing/snowflake/sql/failure.ts'
import { send } from './http.ts'
import { sendFailure } from './responses.ts'

export const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms))

/** Applies the effect of a fault. @returns whether the request is finished with that */
export async function applyFault(
  effect: FaultEffect,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (effect.kind === 'refuse' && effect.when === 'after') return false
  if (effect.kind === 'refuse')
    sendFailure(response, new SnowflakeFailure(effect.code, effect.message, effect.sqlState))
  else if (effect.kind === 'status') send(response, effect.status, 'text/html', effect.body)
  else if (effect.kind === 'malformed') send(response, 200, 'application/json', effect.body)
  else if (effect.kind === 'never') return true
  else if (effect.kind === 'cut' && effect.when === 'before') request.socket.destroy()
  else if (effect.kind === 'slow') {
    await wait(effect.ms)
    return false
  } else return false
  return true
}
