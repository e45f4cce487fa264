import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { eventually } from '#testing/eventually.ts'
import { startApp } from './app.ts'

/**
 * An app whose third step hangs at its first attempt, so that a test can kill something in the middle of it. Each step
 * writes a line to a file when it starts. The hanging step continues when the file `<notes>.release` appears.
 */

const [app, engine, notes = ''] = process.argv.slice(2)

const note = (line: string) => appendFileSync(notes, `${line}\n`)
const noted = () => (existsSync(notes) ? readFileSync(notes, 'utf8') : '')

await startApp({ app: Number(app), engine: Number(engine) }, (inngest) => [
  inngest.createFunction({ id: 'walk', triggers: [{ event: 'walk' }] }, async ({ event, step }) => {
    for (const n of [1, 2, 3, 4, 5]) {
      await step.run(`step ${n}`, async () => {
        const hangs = n === 3 && !noted().includes('step 3')
        note(`${event.data.name} step ${n}`)
        if (!hangs) return
        await eventually(() => existsSync(`${notes}.release`))
        note('released')
      })
    }
    await step.run('end', () => note(`${event.data.name} end`))
  }),
])
process.send?.('ready')
process.on('disconnect', () => process.exit(0))
