import { z } from 'zod'
import { startSnowflakeServer } from './server.ts'

/**
 * The Snowflake test server as a separate process. It prints its address as the first line and ends when its parent is
 * gone, which closes its standard input.
 */
const [port = '0'] = process.argv.slice(2)
const server = await startSnowflakeServer({ port: z.coerce.number().int().min(0).max(65_535).parse(port) })
process.stdout.write(`${server.url}\n`)
process.stdin.resume()
process.stdin.once('close', () => server.stop())
