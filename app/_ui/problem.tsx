'use client'

import { Button } from '@mantine/core'
import { inSentences } from './format.ts'
import { AlertIcon } from './icons.tsx'
import classes from './problem.module.css'
import type { RequestProblem } from './request.ts'

/** Problem and remedy as one line of text, under a form or a button. */
export function ProblemText({ problem }: { problem: RequestProblem }) {
  return (
    <p role="alert" className={classes.text}>
      {inSentences(problem.message, problem.remedy)}
    </p>
  )
}

/** Shown in place of content that could not be loaded, with a retry button. */
export function ProblemPanel({ problem, onRetry }: { problem: RequestProblem; onRetry: () => void }) {
  return (
    <div role="alert" className={classes.panel}>
      <AlertIcon />
      <p>{inSentences(problem.message)}</p>
      <p className={classes.remedy}>{inSentences(problem.remedy)}</p>
      <Button variant="default" size="xs" onClick={onRetry}>
        Try again
      </Button>
    </div>
  )
}
