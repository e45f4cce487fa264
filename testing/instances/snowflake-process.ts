import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const SERVER = join(import.meta.dirname, '..', 'snowflake', 'server-process.ts')

/** A Snowflake for tests as a process of its own. It also ends when whoever started it is gone. */
export interface SnowflakeProcess {
  url: string
  stop(): Promise<void>
}

export async function startSnowflake(): Promise<SnowflakeProcess> {
  const child = spawn(process.execPath, [SERVER], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const line = once(createInterface(child.stdout), 'line')
  const url = await Promise.race([line.then(([text]) => String(text)), ended.then(() => undefined)])
  if (url === undefined) throw new Error('The Snowflake for tests ended before it listened.')
  return {
    url,
    async stop() {
      child.stdin.end()
      await ended
    },
  }
}
