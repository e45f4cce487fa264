'use client'

import { Switch } from '@mantine/core'

interface Props {
  checked: boolean
  disabled: boolean
  onChange: (checked: boolean) => void
}

/** Adds the columns that Singer targets add to every table. */
export function MetadataSwitch({ checked, disabled, onChange }: Props) {
  return (
    <Switch
      label="Add record metadata"
      description="Adds the _SDC_ columns of Singer targets to each table: when a row was read, received and loaded."
      checked={checked}
      disabled={disabled}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  )
}
