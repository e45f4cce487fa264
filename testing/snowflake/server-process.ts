import { z } from 'zod'
import { startSnowflakeServer } from './server.ts'

/**
 * The Snowflake for tests as a process of its own. It writes its address as the first line and ends when whoever
 * started it is gone, which it notices by its standard input being closed.
 */
const [port = '0'] = process.argv.slice(2)
const server = await startSnowflakeServer({ port: z.coerce.number().int().min(0).max(65_535).parse(port) })
process.stdout.write(`${server.url}\n`)
process.stdin.resume()
process.stdin.once('close', () => server.stop())
