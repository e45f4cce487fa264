import type { Inngest, InngestFunction } from 'inngest'

/**
 * A feature of Inngest that our functions rely on. The same features are tested on the embedded engine and on any other
 * server that speaks the protocol.
 */
export interface Feature {
  name: string
  /** It moves the clock, so it can't run concurrently with others. */
  alone?: true
  functions(inngest: Inngest, diary: Diary): InngestFunction.Any[]
  verify(world: Scenario): Promise<void>
}

interface SentEvent {
  name: string
  id?: string
  data?: Record<string, unknown>
}

/** What `verify` works with. */
export interface Scenario {
  /** Unique to this run: a server may still be running events of an earlier one. */
  name: string
  diary: Diary
  /** Sends events; each gets this name as `data.of`. */
  send(...events: SentEvent[]): Promise<void>
  /** Resolves when a new minute has started on the server's clock. */
  newMinute(): Promise<void>
  /** Waits until this run has written so many lines, and returns them. */
  lines(count: number): Promise<string[]>
}

/** The lines that functions write, by the name of the run. */
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

  /** When a line was first written. */
  at(of: unknown, text: string): number {
    return (this.pages.get(of) ?? []).find((line) => line.text === text)?.at ?? Number.NaN
  }
}

/** Measures the highest number of concurrent visits. */
export class ConcurrencyMeter {
  private active = 0
  max = 0

  async visit(work: () => Promise<void>): Promise<void> {
    this.active++
    this.max = Math.max(this.max, this.active)
    await work()
    this.active--
  }
}
