import { Stop } from '#lib/core/errors.ts'
import { chartsPart } from './bench/charts.ts'
import { dataPart } from './bench/data.ts'
import { enginePart } from './bench/engine.ts'
import { lineOf, type Part } from './bench/figure.ts'
import { firstRunPart } from './bench/first-run.ts'
import { importPart } from './bench/import.ts'
import { importReadPart } from './bench/import-read.ts'
import { lakePart } from './bench/lake.ts'
import { loadPart } from './bench/load.ts'
import { modelsPart } from './bench/models.ts'
import { pairingPart } from './bench/pairing.ts'
import { questionsPart } from './bench/questions.ts'
import { quotaPart } from './bench/quota.ts'
import { type MeasuredPart, machine, writePart, writeReport } from './bench/report.ts'
import { requestsPart } from './bench/requests.ts'
import { s3Part } from './bench/s3.ts'
import { scalePart } from './bench/scale.ts'
import { snowflakePart } from './bench/snowflake.ts'
import { sqlPart } from './bench/sql.ts'
import { startPart } from './bench/start.ts'

/** npm run bench [-- <part> | --write]: measures and prints, but asserts nothing. */

const PARTS: Record<string, Part> = {
  start: startPart,
  'first-run': firstRunPart,
  import: importPart,
  load: loadPart,
  'import-read': importReadPart,
  pairing: pairingPart,
  charts: chartsPart,
  models: modelsPart,
  questions: questionsPart,
  sql: sqlPart,
  engine: enginePart,
  requests: requestsPart,
  data: dataPart,
  quota: quotaPart,
  s3: s3Part,
  scale: scalePart,
  snowflake: snowflakePart,
  lake: lakePart,
}

async function bench(args: string[]): Promise<void> {
  const write = args.includes('--write')
  const requested = args.filter((argument) => !argument.startsWith('--'))
  const unknown = requested.find((name) => !Object.hasOwn(PARTS, name))
  if (unknown !== undefined) {
    throw new Stop(`There is no part "${unknown}".`, { remedy: `Choose one of: ${Object.keys(PARTS).join(', ')}.` })
  }
  console.log(machine())
  const measured: MeasuredPart[] = []
  for (const [name, part] of Object.entries(PARTS)) {
    if (requested.length === 0 || requested.includes(name)) measured.push(await measurePart(name, part))
  }
  const missing = measured.filter(({ figures }) => figures.length === 0).map(({ name }) => name)
  if (missing.length > 0) {
    throw new Stop(`Not measured: ${missing.join(', ')}.`, { remedy: 'See the errors above.' })
  }
  if (!write) return
  if (requested.length === 0) console.log(`\nwritten to ${writeReport(measured)}`)
  else for (const part of measured) console.log(`\nwritten to ${writePart(part)}`)
}

/** A part that fails has no figures and doesn't stop the others. */
async function measurePart(name: string, { title, measure }: Part): Promise<MeasuredPart> {
  console.log(`\n── ${name}: ${title}`)
  const start = performance.now()
  const figures = await measure().catch((error: unknown) => {
    console.error(error)
    return []
  })
  for (const figure of figures) console.log(lineOf(figure))
  console.log(`   (${((performance.now() - start) / 1000).toFixed(0)} s)`)
  return { name, title, figures }
}

try {
  await bench(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Stop)) throw error
  console.error(`${error.message} ${error.remedy}`)
  process.exitCode = 1
}
