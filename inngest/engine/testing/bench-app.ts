import { type MakeFunctions, startApp } from './app.ts'

/** The app for the benchmark, in its own process. It reports the times of a run's steps as messages. */

export interface Report {
  name: string
  sentAt: number
  firstStepAt: number
  lastStepAt: number
}

const functions: MakeFunctions = (inngest) =>
  [1, 5, 20].map((count) =>
    inngest.createFunction(
      { id: `steps-${count}`, triggers: [{ event: `steps-${count}` }] },
      async ({ event, step }) => {
        const times: number[] = []
        for (let n = 0; n < count; n++)
          times.push(await step.run(`step ${n}`, () => performance.timeOrigin + performance.now()))
        const report: Report = {
          name: event.name,
          sentAt: event.data.sentAt,
          firstStepAt: Math.min(...times),
          lastStepAt: Math.max(...times),
        }
        process.send?.(report)
      },
    ),
  )

const [app, engine] = process.argv.slice(2).map(Number)
await startApp({ app: app ?? 0, engine: engine ?? 0 }, functions)
process.send?.('ready')
process.on('disconnect', () => process.exit(0))
