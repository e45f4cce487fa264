'use client'

import { UnstyledButton, type UnstyledButtonProps } from '@mantine/core'
import type { ComponentPropsWithRef } from 'react'
import { Artwork } from '#app/_ui/artwork.tsx'
import { useMe } from '#app/_ui/me.tsx'
import classes from './shell.module.css'

type Props = UnstyledButtonProps & Omit<ComponentPropsWithRef<'button'>, keyof UnstyledButtonProps> & { size: number }

/** The button of the account menu, with or without the menu. */
export function ListenerButton({ size, ...others }: Props) {
  const { name, image } = useMe()
  return (
    <UnstyledButton
      className={classes.listener}
      aria-label={`Account menu for ${name}`}
      aria-haspopup="menu"
      title={name}
      {...others}
    >
      <Artwork src={image} name={name} size={size} />
    </UnstyledButton>
  )
}
