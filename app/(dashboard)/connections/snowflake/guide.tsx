'use client'

import { Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Copyable, CopyableScript } from '#app/_ui/copyable.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import type { SnowflakeMethod } from '#lib/api/lists.ts'
import { readerOf, type ScriptNames, setupScript } from '#lib/warehouse/snowflake/script.ts'
import { MethodStep } from './method-step.tsx'
import classes from './snowflake.module.css'

const WORKSHEETS = 'https://app.snowflake.com'
const ACCOUNT_QUESTION = "SELECT CURRENT_ORGANIZATION_NAME() || '-' || CURRENT_ACCOUNT_NAME();"

interface Options {
  monthlyCredits: string
  hasReader: boolean
}

interface Props {
  method: SnowflakeMethod
  names: ScriptNames
  publicKey: string
}

function creditsOf(typed: string): number | null {
  const credits = Number(typed)
  return Number.isInteger(credits) && credits > 0 ? credits : null
}

function OptionFields({ options, onChange }: { options: Options; onChange: (options: Options) => void }) {
  const { monthlyCredits, hasReader } = options
  const isBad = monthlyCredits !== '' && creditsOf(monthlyCredits) === null
  return (
    <div className={classes.pair}>
      <TextInput
        label="Monthly credit limit"
        description="Optional: a resource monitor that stops the spending there."
        inputMode="numeric"
        value={monthlyCredits}
        error={isBad && 'A whole number of credits, 1 or more.'}
        onChange={({ currentTarget: { value } }) => onChange({ ...options, monthlyCredits: value.trim() })}
      />
      <Switch
        label="Let BI tools read"
        description="Adds a reader that may only select."
        checked={hasReader}
        onChange={({ currentTarget: { checked } }) => onChange({ ...options, hasReader: checked })}
      />
    </div>
  )
}

/** What to do in Snowflake, with a script that follows the form. */
export function Guide({ method, names, publicKey }: Props) {
  const [options, setOptions] = useState<Options>({ monthlyCredits: '', hasReader: false })
  const monthlyCredits = creditsOf(options.monthlyCredits)
  const script = setupScript({
    ...names,
    publicKey,
    ...(options.hasReader ? { readerRole: readerOf(names.role) } : {}),
    ...(monthlyCredits ? { monthlyCredits } : {}),
  })
  return (
    <Panel title="In Snowflake">
      <ol className={classes.guide}>
        <li>
          <p>Choose the names in the form, or leave the proposed ones. The script below follows what is typed.</p>
          <OptionFields options={options} onChange={setOptions} />
        </li>
        <li>
          <p>
            Open a worksheet in{' '}
            <a href={WORKSHEETS} target="_blank" rel="noreferrer">
              Snowsight
            </a>{' '}
            as ACCOUNTADMIN, paste this script and choose <b>Run all</b>. It may be run again; what is there already
            stays as it is.
          </p>
          <CopyableScript label="Set-up script" word="Copy the script" text={script} />
        </li>
        <li>
          <p>
            Its last line prints your <b>Account identifier</b>. It also stands under your name at the bottom left →
            Account → View account details, or ask for it:
          </p>
          <Copyable text={ACCOUNT_QUESTION} />
        </li>
        <MethodStep method={method} names={names} />
        <li>
          Press <b>Test connection</b>. Each step is tried and named; it wakes the XS warehouse once, about 0.02
          credits.
        </li>
        <li>
          Press <b>Save</b>. All history that Tracklake holds is loaded, then every read at the pace you choose.
        </li>
      </ol>
    </Panel>
  )
}
