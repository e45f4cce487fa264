'use client'

import { Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Copyable, CopyableScript } from '#app/_ui/copyable.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import type { SnowflakeMethod } from '#lib/api/lists.ts'
import { readerOf, type ScriptNames, setupScript } from '#lib/warehouse/snowflake/setup/script.ts'
import { MethodStep } from './method-step.tsx'
import classes from './snowflake.module.css'

const WORKSHEETS = 'https://app.snowflake.com'
const ACCOUNT_QUERY = "SELECT CURRENT_ORGANIZATION_NAME() || '-' || CURRENT_ACCOUNT_NAME();"

interface Options {
  monthlyCredits: string
  hasReader: boolean
}

interface OptionProps {
  options: Options
  reader: string
  onChange: (options: Options) => void
}

interface Props {
  method: SnowflakeMethod
  names: ScriptNames
  publicKey: string
  instanceId: string
}

function creditsOf(typed: string): number | null {
  const credits = Number(typed)
  return Number.isInteger(credits) && credits > 0 ? credits : null
}

function OptionFields({ options, reader, onChange }: OptionProps) {
  const { monthlyCredits, hasReader } = options
  const isBad = monthlyCredits !== '' && creditsOf(monthlyCredits) === null
  return (
    <div className={classes.pair}>
      <TextInput
        label="Monthly credit limit"
        description="Optional. A resource monitor stops spending at this limit."
        inputMode="numeric"
        value={monthlyCredits}
        error={isBad && 'Enter a whole number, 1 or more.'}
        onChange={({ currentTarget: { value } }) => onChange({ ...options, monthlyCredits: value.trim() })}
      />
      <Switch
        label="Let BI tools read"
        description={`Adds the read-only role ${reader}. Grant it to your BI tool’s user.`}
        checked={hasReader}
        onChange={({ currentTarget: { checked } }) => onChange({ ...options, hasReader: checked })}
      />
    </div>
  )
}

/** Steps to take in Snowflake, with a script that follows the form. */
export function Guide({ method, names, publicKey, instanceId }: Props) {
  const [options, setOptions] = useState<Options>({ monthlyCredits: '', hasReader: false })
  const monthlyCredits = creditsOf(options.monthlyCredits)
  const script = setupScript({
    ...names,
    publicKey,
    instanceId,
    ...(options.hasReader ? { readerRole: readerOf(names.role) } : {}),
    ...(monthlyCredits ? { monthlyCredits } : {}),
  })
  return (
    <Panel title="In Snowflake">
      <ol className={classes.guide}>
        <li>
          <p>Choose the names in the form, or keep the suggested ones. The script below follows what you type.</p>
          <OptionFields options={options} reader={readerOf(names.role)} onChange={setOptions} />
        </li>
        <li>
          <p>
            Open a worksheet in{' '}
            <a href={WORKSHEETS} target="_blank" rel="noreferrer">
              Snowsight
            </a>{' '}
            as ACCOUNTADMIN, paste this script and choose <b>Run all</b>. You can run it again, for example to change
            the credit limit. Objects that Tracklake didn’t create keep their settings; the result lists them.
          </p>
          <CopyableScript label="Setup script" button="Copy script" text={script} />
        </li>
        <li>
          <p>
            The result shows your <b>Account identifier</b>. You can also find it under your name (bottom left) →
            Account → View account details, or with this query:
          </p>
          <Copyable text={ACCOUNT_QUERY} />
        </li>
        <MethodStep method={method} names={names} />
        <li>
          Press <b>Test connection</b>. It tries each step and wakes the XS warehouse once, which costs about 0.02
          credits.
        </li>
        <li>
          Press <b>Save</b>. Tracklake loads its whole history, then new data as often as you choose.
        </li>
      </ol>
    </Panel>
  )
}
