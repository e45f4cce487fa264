import type { RunStatement } from '#lib/warehouse/warehouse.ts'
import type { CountingRule } from './counting.ts'

/** The facts about a listener that rule the models: a row of raw.settings, so that a plain `dbt build` gives the same. */
export interface ModelSettings {
  /** IANA zone. */
  zone: string
  /** 1 = Monday … 7 = Sunday. */
  week_start: number
  counting_rule: CountingRule
  counts_private: boolean
  counts_skips: boolean
  counts_other_sources: boolean
}

/** Writes the settings, unless they are the same. */
export async function writeSettings(run: RunStatement, settings: ModelSettings): Promise<void> {
  const row = { id: 1, ...settings }
  const names = Object.keys(row)
  const values = Object.values(row)
  const [known] = await run('select * from raw.settings')
  if (known && names.every((name, index) => known[name] === values[index])) return
  await run('delete from raw.settings')
  await run(`insert into raw.settings (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`, values)
}
