'use client'

import { Radio, Stack, Switch } from '@mantine/core'
import { RULE_LABELS } from '#app/_ui/counting/labels.ts'
import { useMe } from '#app/_ui/me.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { ProblemText } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { changeCounting } from '#lib/api/client.ts'
import { COUNTING_RULES, type CountingRule } from '#lib/models/counting.ts'
import classes from './settings.module.css'

const SWITCHES = [
  {
    name: 'countsSkips',
    label: 'Count plays that you skipped',
    description: 'If they’re long enough. Only imported plays say whether you skipped.',
  },
  {
    name: 'countsPrivate',
    label: 'Count plays in private sessions',
    description: 'Only imported plays say whether a session was private.',
  },
  {
    name: 'countsOtherSources',
    label: 'Count plays that Last.fm or ListenBrainz recorded',
    description:
      'Spotify’s developer policy (III.5) asks apps not to mix its content with other services’. Turning this on mixes them in your own charts, so the decision is yours.',
  },
] as const

/** Which plays count. Each choice is saved right away; charts follow when the models are rebuilt. */
export function CountingSettings() {
  const { counting } = useMe()
  const { mutate, isPending, variables, error } = useAction(changeCounting, { quiet: true })
  const problem = error && asProblem(error)
  // Shows the new choice right away.
  const shown = isPending ? { ...counting, ...variables } : counting
  return (
    <Panel title="What counts as a play" id="counting">
      <div className={classes.fields}>
        <Radio.Group
          label="A play counts if you listened to"
          description="Spotify doesn’t say how long you listened. Plays known only from a sync always count; imported plays include the listening time."
          value={shown.rule}
          onChange={(rule) => mutate({ rule: rule as CountingRule })}
        >
          <Stack gap={8} mt={8}>
            {COUNTING_RULES.map((rule) => (
              <Radio
                key={rule}
                value={rule}
                label={RULE_LABELS[rule].label}
                description={RULE_LABELS[rule].detail}
                disabled={isPending}
              />
            ))}
          </Stack>
        </Radio.Group>
        {SWITCHES.map(({ name, label, description }) => (
          <Switch
            key={name}
            label={label}
            description={description}
            checked={shown[name]}
            onChange={({ currentTarget }) => mutate({ [name]: currentTarget.checked })}
            disabled={isPending}
          />
        ))}
        {problem && <ProblemText problem={problem} />}
        <p role="status" className={classes.saved}>
          {counting.isRebuilding
            ? counting.problem
              ? 'Saved, but your figures couldn’t be updated yet. Tracklake will try again.'
              : 'Saved. Updating your figures… Until that’s done, pages show the old ones.'
            : ''}
        </p>
      </div>
    </Panel>
  )
}
