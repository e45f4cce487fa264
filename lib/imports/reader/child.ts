import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { messageOf } from '#lib/core/errors.ts'
import { readFiles } from './read-files.ts'

/**
 * The process that reads an upload: hostile files can fill its memory and nothing else. The first line of its input is
 * the job; the input stays open as long as the parent lives. Each line of its output is a message.
 */

process.stdin.on('end', () => process.exit(0)).on('error', () => process.exit(0))
process.stdout.on('error', () => process.exit(0))

const lines = createInterface({ input: process.stdin })

lines.once('line', async (line) => {
  try {
    for await (const message of readFiles(JSON.parse(line))) {
      if (!process.stdout.write(`${JSON.stringify(message)}\n`)) await once(process.stdout, 'drain')
    }
  } catch (error) {
    process.stderr.write(messageOf(error))
    process.exitCode = 1
  }
  lines.close()
  process.stdin.destroy()
})
