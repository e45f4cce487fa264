import { once } from 'node:events'
import { z } from 'zod'
import { MINUTE, SECOND } from '#lib/core/clock.ts'
import { Stop } from '#lib/core/errors.ts'
import { eventually } from '#testing/eventually.ts'

/** Looks into a running Node process: SIGUSR1 makes Node open its inspector (on loopback). */

const ADDRESS = 'http://127.0.0.1:9229'

const Targets = z.array(z.object({ webSocketDebuggerUrl: z.url() }))
const Reply = z.object({ id: z.number().optional(), result: z.unknown().optional(), error: z.unknown().optional() })
const Evaluated = z.object({ result: z.object({ value: z.unknown() }), exceptionDetails: z.unknown().optional() })

const Memory = z.object({ heapUsed: z.number(), external: z.number(), resources: z.number() })

export interface Inspector {
  /** Runs an expression in the process. @returns its value, which has to be JSON */
  evaluate(expression: string): Promise<unknown>
  /** The memory in use after all garbage was collected, in bytes, and the number of handles and requests of Node. */
  memory(): Promise<z.infer<typeof Memory>>
  close(): void
}

/** @throws Stop if another process has the port of the inspector */
export async function inspect(pid: number): Promise<Inspector> {
  process.kill(pid, 'SIGUSR1')
  const target = await eventually(async () => {
    const response = await fetch(`${ADDRESS}/json/list`).catch(() => undefined)
    return response && Targets.parse(await response.json())[0]
  }, MINUTE)
  const socket = new WebSocket(target.webSocketDebuggerUrl)
  await once(socket, 'open')
  const waiting = new Map<number, (reply: z.infer<typeof Reply>) => void>()
  const ended = once(socket, 'close').then(() => {
    throw new Stop('The process has ended while it was used.', { remedy: 'See what it printed last.' })
  })
  // It also ends when nobody waits for it.
  ended.catch(() => undefined)
  let last = 0
  socket.addEventListener('message', ({ data }) => {
    const reply = Reply.parse(JSON.parse(String(data)))
    waiting.get(reply.id ?? 0)?.(reply)
    waiting.delete(reply.id ?? 0)
  })
  const call = async (method: string, params: object = {}): Promise<unknown> => {
    const id = ++last
    const reply = new Promise<z.infer<typeof Reply>>((done, fail) => {
      waiting.set(id, done)
      setTimeout(() => fail(new Error(`${method} had no result within a minute`)), 60 * SECOND).unref()
    })
    socket.send(JSON.stringify({ id, method, params }))
    const { result, error } = await Promise.race([reply, ended])
    if (error) throw new Error(`${method} failed: ${JSON.stringify(error)}`)
    return result
  }
  const evaluate = async (expression: string) => {
    const { result, exceptionDetails } = Evaluated.parse(
      await call('Runtime.evaluate', { expression, returnByValue: true }),
    )
    if (exceptionDetails) throw new Error(`The process failed on: ${expression}`)
    return result.value
  }
  if ((await evaluate('process.pid')) !== pid) {
    throw new Stop('Another process uses port 9229, which Node’s inspector needs.', { remedy: 'Stop that one.' })
  }
  return {
    evaluate,
    memory: async () => {
      // What the first collection finalizes, the second one frees.
      for (let round = 0; round < 2; round++) await call('HeapProfiler.collectGarbage')
      return Memory.parse(
        await evaluate('({ ...process.memoryUsage(), resources: process.getActiveResourcesInfo().length })'),
      )
    },
    close: () => socket.close(),
  }
}
