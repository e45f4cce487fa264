import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const SERVER = join(import.meta.dirname, '..', 'snowflake', 'server-process.ts')

/** The Snowflake test server in its own process. It exits when its parent process does. */
export interface SnowflakeProcess {
  url: string
  stop(): Promise<void>
}

export async function startSnowflake(): Promise<SnowflakeProcess> {
  const child = spawn(process.execPath, [SERVER], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const line = once(createInterface(child.stdout), 'line')
  const url = await Promise.race([line.then(([text]) => String(text)), ended.then(() => undefined)])
  if (url === undefined) throw new Error('The Snowflake test server exited before it was listening.')
  return {
    url,
    async stop() {
      child.stdin.end()
      await ended
    },
  }
}
