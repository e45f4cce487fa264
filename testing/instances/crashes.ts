import { pause, SECOND } from '#lib/core/clock.ts'
import { type Draw, draws } from '#simulator/core/random.ts'

/** Processes that are killed at random moments, by a seed that is printed: the same one kills the same processes again. */

export interface Victim {
  name: string
  /** The number of its process; undefined while there is none. */
  pid(): number | undefined
}

export interface CrashScenario {
  victims: Victim[]
  /** What goes on between two kills. */
  goOn(draw: Draw): Promise<void>
  /** How far the work has come, in any small unit; undefined while nobody can tell or there is nothing to do. */
  progress(): Promise<number | undefined>
  /** A person starts again what does not come back by itself. */
  startAgain(): Promise<void>
  /** Resolves when everything answers again. */
  recover(): Promise<void>
}

/** About as much work as there is in a run: the moment of a kill lies somewhere in it. */
const MAX_PROGRESS = 60
/** Work that stands still is met by a kill as well. */
const PATIENCE_MS = 10 * SECOND
/** Some work takes long without getting further, a load for example. */
const MOMENT_MS = SECOND
/** Of the kills so many meet an instance that has not recovered from the one before. */
const HURRIED = 0.4

/** @returns the names of what was killed, in order */
export async function killAtRandom(
  scene: CrashScenario,
  { kills, seed }: { kills: number; seed: number },
): Promise<string[]> {
  const draw = draws(seed)
  const killed: string[] = []
  let next: Victim[] = []
  while (killed.length < kills) {
    await scene.goOn(draw)
    // In rounds, each of them in another order: a few kills meet every process.
    if (next.length === 0) next = shuffled(scene.victims, draw)
    const victim = next.pop()
    await randomMoment(scene, draw)
    const hurried = draw() < HURRIED
    if (!victim || !kill(victim)) {
      await scene.startAgain()
      await scene.recover()
      continue
    }
    killed.push(victim.name)
    await scene.startAgain()
    if (!hurried) await scene.recover()
  }
  await scene.recover()
  return killed
}

async function randomMoment({ progress }: CrashScenario, draw: Draw): Promise<void> {
  const [goal, moment] = [draw() * MAX_PROGRESS, draw() * MOMENT_MS]
  const end = Date.now() + PATIENCE_MS
  const begin = await progress()
  for (let now = begin; begin !== undefined && now !== undefined && Date.now() < end; now = await progress()) {
    if (now - begin >= goal) break
    await pause(20)
  }
  await pause(moment)
}

function shuffled<T>(entries: T[], draw: Draw): T[] {
  return entries
    .map((entry) => ({ entry, place: draw() }))
    .sort((a, b) => a.place - b.place)
    .map(({ entry }) => entry)
}

/** @returns whether there was a process to kill */
function kill({ pid }: Victim): boolean {
  const number = pid()
  if (number === undefined) return false
  try {
    process.kill(number, 'SIGKILL')
    return true
  } catch {
    return false // it had just ended
  }
}
