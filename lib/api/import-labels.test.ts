import { expect, test } from 'vitest'
import { exportKindTitles, memberProblems, rejectionTitles, WHAT_TO_UPLOAD } from './import-labels.ts'

test('every problem is a sentence, and no title is', () => {
  for (const text of [WHAT_TO_UPLOAD, ...Object.values(memberProblems)]) expect(text).toMatch(/^[A-Z].*\.$/)
  for (const text of [...Object.values(exportKindTitles), ...Object.values(rejectionTitles)]) {
    expect(text).toMatch(/^[A-Z].*[^.]$/)
  }
})
