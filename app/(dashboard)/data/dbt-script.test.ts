import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DBT_SCRIPTS } from './dbt-script.ts'

test('docs/models.md has the same commands', () => {
  const docs = readFileSync(join(process.cwd(), 'docs', 'models.md'), 'utf8')
  for (const script of Object.values(DBT_SCRIPTS)) expect(docs).toContain(`\`\`\`sh\n${script}\n\`\`\``)
})
