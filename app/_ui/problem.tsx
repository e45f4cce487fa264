'use client'

import { Button } from '@mantine/core'
import { inSentences } from './format.ts'
import { AlertIcon } from './icons.tsx'
import classes from './problem.module.css'
import type { RequestProblem } from './request.ts'

/** What happened and what to do, in one line of text under a form or a button. */
export function ProblemText({ problem }: { problem: RequestProblem }) {
  return (
    <p role="alert" className={classes.text}>
      {inSentences(problem.message, problem.remedy)}
    </p>
  )
}

/** In place of content that could not be had: what happened, what to do, try again. */
export function ProblemFace({ problem, onRetry }: { problem: RequestProblem; onRetry: () => void }) {
  return (
    <div role="alert" className={classes.face}>
      <AlertIcon />
      <p>{inSentences(problem.message)}</p>
      <p className={classes.remedy}>{inSentences(problem.remedy)}</p>
      <Button variant="default" size="xs" onClick={onRetry}>
        Try again
      </Button>
    </div>
  )
}
