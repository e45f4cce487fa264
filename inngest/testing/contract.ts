import type { Inngest, InngestFunction } from 'inngest'
import { test } from 'vitest'
import { eventually } from '#testing/eventually.ts'
import { Diary, type Feature } from './feature.ts'
import { failures } from './features/failures.ts'
import { flow } from './features/flow.ts'
import { steps } from './features/steps.ts'

const features: Feature[] = [...steps, ...failures, ...flow]
const diary = new Diary()

/** The functions of all features. */
export function contractFunctions(inngest: Inngest): InngestFunction.Any[] {
  return features.flatMap((feature) => feature.functions(inngest, diary))
}

/** A server under test. */
export interface Server {
  send(events: { name: string; id?: string; data: Record<string, unknown> }[]): Promise<unknown>
  newMinute(): Promise<void>
  /** How long to wait for anything; a server's backoff may be long. */
  timeoutMs: number
}

/** Declares a test for each feature. They run concurrently because they mostly wait. */
export function testContract(server: () => Server): void {
  test.concurrent.for(features.filter(({ alone }) => !alone))('$name', (feature) => runFeature(feature, server()))
  test.for(features.filter(({ alone }) => alone))('$name', (feature) => runFeature(feature, server()))
}

async function runFeature({ name: title, alone, verify }: Feature, server: Server): Promise<void> {
  const name = alone ? 'cron' : `${title}, ${Date.now()}`
  await verify({
    name,
    diary,
    send: async (...events) => {
      await server.send(events.map((event) => ({ ...event, data: { ...event.data, of: name } })))
    },
    newMinute: server.newMinute,
    lines: (count) =>
      eventually(() => {
        const lines = diary.read(name)
        return lines.length >= count && lines
      }, server.timeoutMs),
  })
}
