import type { Inngest, InngestFunction } from 'inngest'
import { pause } from '#lib/core/clock.ts'

/**
 * What our functions rely on, one small feature of Inngest each. The same functions and the same proofs run against the
 * embedded engine and against any other server that speaks the protocol.
 */
export interface Feature {
  name: string
  /** Its proof moves the clock, so no other may be under way. */
  alone?: true
  functions(inngest: Inngest, diary: Diary): InngestFunction.Any[]
  verify(world: Scenario): Promise<void>
}

interface SentEvent {
  name: string
  id?: string
  data?: Record<string, unknown>
}

/** What a proof may do. */
export interface Scenario {
  /** Names this proof alone: a server may still carry out what an earlier one sent. */
  name: string
  diary: Diary
  /** Sends events; each gets the name of the proof as `data.of`. */
  send(...events: SentEvent[]): Promise<void>
  /** Lets a minute of the server's clock begin. */
  newMinute(): Promise<void>
  /** Waits for so many lines of this proof, and gives them. */
  lines(count: number): Promise<string[]>
}

/** What functions note, by proof. */
export class Diary {
  private readonly pages = new Map<unknown, { text: string; at: number }[]>()

  note(of: unknown, text: string): void {
    const page = this.pages.get(of) ?? []
    page.push({ text, at: Date.now() })
    this.pages.set(of, page)
  }

  read(of: unknown): string[] {
    return (this.pages.get(of) ?? []).map(({ text }) => text)
  }

  /** When a line was noted first. */
  at(of: unknown, text: string): number {
    return (this.pages.get(of) ?? []).find((line) => line.text === text)?.at ?? Number.NaN
  }
}

/** Looks until `found` gives something true; the limit only ends what would never come. */
export async function comes<T>(found: () => T | undefined | false, patienceMs: number): Promise<T> {
  const deadline = Date.now() + patienceMs
  while (Date.now() < deadline) {
    const value = found()
    if (value) return value
    await pause(20)
  }
  throw new Error(`this never came: ${found}`)
}

/** Counts who is inside at once. */
export class ConcurrencyMeter {
  private inside = 0
  max = 0

  async visit(work: () => Promise<void>): Promise<void> {
    this.inside++
    this.max = Math.max(this.max, this.inside)
    await work()
    this.inside--
  }
}
