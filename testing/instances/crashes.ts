import { pause, SECOND } from '#lib/core/clock.ts'
import { type Draw, draws } from '#simulator/core/random.ts'

/** Kills processes at random moments. The same seed kills the same processes again. */

export interface Victim {
  name: string
  /** Its pid; undefined while it isn't running. */
  pid(): number | undefined
}

export interface CrashScenario {
  victims: Victim[]
  /** Creates work before each kill. */
  act(draw: Draw): Promise<void>
  /** The progress of the work in any small unit; undefined while it is unknown or there is nothing to do. */
  progress(): Promise<number | undefined>
  /** Restarts what doesn't come back by itself. */
  startAgain(): Promise<void>
  /** Resolves when everything responds again. */
  recover(): Promise<void>
}

/** About as much progress as in a run, so that kills happen anywhere in it. */
const MAX_PROGRESS = 60
/** Kills also interrupt work that makes no progress. */
const TIMEOUT_MS = 10 * SECOND
/** Some work takes long without visible progress, for example a load. */
const MAX_EXTRA_MS = SECOND
/** The share of kills that are followed by another one before the instance has recovered. */
const HURRIED = 0.4

/** @returns the names of what was killed, in order */
export async function killAtRandom(
  scenario: CrashScenario,
  { kills, seed }: { kills: number; seed: number },
): Promise<string[]> {
  const draw = draws(seed)
  const killed: string[] = []
  let next: Victim[] = []
  while (killed.length < kills) {
    await scenario.act(draw)
    // In rounds with different orders, so that few kills cover every process.
    if (next.length === 0) next = shuffled(scenario.victims, draw)
    const victim = next.pop()
    await waitForRandomMoment(scenario, draw)
    const hurried = draw() < HURRIED
    if (!victim || !kill(victim)) {
      await scenario.startAgain()
      await scenario.recover()
      continue
    }
    killed.push(victim.name)
    await scenario.startAgain()
    if (!hurried) await scenario.recover()
  }
  await scenario.recover()
  return killed
}

async function waitForRandomMoment({ progress }: CrashScenario, draw: Draw): Promise<void> {
  const [goal, extraMs] = [draw() * MAX_PROGRESS, draw() * MAX_EXTRA_MS]
  const deadline = Date.now() + TIMEOUT_MS
  const start = await progress()
  for (let now = start; start !== undefined && now !== undefined && Date.now() < deadline; now = await progress()) {
    if (now - start >= goal) break
    await pause(20)
  }
  await pause(extraMs)
}

function shuffled<T>(entries: T[], draw: Draw): T[] {
  return entries
    .map((entry) => ({ entry, order: draw() }))
    .sort((a, b) => a.order - b.order)
    .map(({ entry }) => entry)
}

/** @returns whether there was a process to kill */
function kill({ pid }: Victim): boolean {
  const running = pid()
  if (running === undefined) return false
  try {
    process.kill(running, 'SIGKILL')
    return true
  } catch {
    return false // it has just exited
  }
}
