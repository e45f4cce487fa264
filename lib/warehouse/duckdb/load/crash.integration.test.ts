import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { loadOf, song } from '#lib/warehouse/testing.ts'

const PROGRAM = fileURLToPath(new URL('./load-until-killed.ts', import.meta.url))

let folder: string
let path: string
let child: ChildProcess | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracklake-crash-'))
  path = join(folder, 'listener.duckdb')
})

afterEach(async () => {
  await kill()
  await rm(folder, { recursive: true, force: true })
})

test.for([
  { place: 'staging', survives: 1 },
  { place: 'writing', survives: 1 },
  { place: 'loaded', survives: 2 },
])('a process killed at "$place" of version 2 leaves version $survives, and the read loads again', async (example) => {
  await loadUntil(`${example.place} 2`, example.place)
  await kill()
  expect(await versions()).toEqual({ table: [example.survives], ledger: example.survives })

  const warehouse = await openDuckdb(path)
  const again = await warehouse.load(loadOf([song('s0', 2)], { readId: 'version-2' }))
  const wasLoaded = example.survives === 2
  expect(again).toEqual({ new: 0, changed: wasLoaded ? 3000 : 1, unchanged: 0, removed: wasLoaded ? 0 : 2999 })
  await warehouse.close()
})

test('a process killed at any moment leaves one complete version, the one in its ledger', async () => {
  for (let delayMs = 0; delayMs < 40; delayMs += 5) {
    await loadUntil('loaded 1')
    // Not a wait for something: each round hits another moment of a load.
    await new Promise((resolve) => setTimeout(resolve, delayMs))
    await kill()
    const found = await versions()
    expect(found.table).toEqual([found.ledger])
    await (await openDuckdb(path)).erase()
  }
})

test('waits for a file that another process holds, and says how to release it', async () => {
  await loadUntil('loaded 2', 'loaded')
  await expect(openDuckdb(path)).rejects.toMatchObject({
    recovery: 'wait',
    remedy: expect.stringContaining('other Tracklake'),
    context: { processId: String(child?.pid) },
  })
  await kill()
  expect(await versions()).toEqual({ table: [2], ledger: 2 })
})

/** Starts the loading process and resolves once it prints `line`. */
async function loadUntil(line: string, stopAt?: string): Promise<void> {
  const started = spawn(process.execPath, [PROGRAM, path, ...(stopAt ? [stopAt] : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child = started
  for await (const printed of createInterface({ input: started.stdout })) if (printed === line) return
  throw new Error(`The process ended before it printed "${line}"`)
}

async function kill(): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** The versions found in the table, and the newest one in the ledger. */
async function versions(): Promise<{ table: unknown[]; ledger: unknown }> {
  const warehouse = await openDuckdb(path)
  const rows = await warehouse.query('select plays, count(*) as n from raw.songs group by plays', [])
  for (const row of rows) expect(row.n).toBe(3000)
  const [ledger] = await warehouse.query('select count(*) as n from tracklake.loads', [])
  await warehouse.close()
  return { table: rows.map((row) => row.plays), ledger: ledger?.n }
}
