'use client'

import { Menu, useMantineColorScheme } from '@mantine/core'
import { useMounted } from '@mantine/hooks'
import { AuthForm } from '#app/_ui/auth-form.tsx'
import { COLOR_SCHEMES, isColorScheme } from '#app/_ui/color-schemes.ts'
import { GuideIcon, OutIcon } from '#app/_ui/icons.tsx'
import { Link } from '#app/_ui/link.tsx'
import { useMe } from '#app/_ui/me.tsx'
import type { TakesOver } from '#app/_ui/on-demand.tsx'
import { ListenerButton } from './listener-button.tsx'

/** The account menu: name, theme and sign-out. */
export function ListenerMenu({ size, autoFocus, defaultOpened }: { size: number } & TakesOver) {
  const { name } = useMe()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const isMounted = useMounted()
  return (
    <Menu position="bottom-end" width={220} defaultOpened={defaultOpened}>
      <Menu.Target>
        <ListenerButton size={size} autoFocus={autoFocus} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{name}</Menu.Label>
        <Menu.Divider />
        <Menu.Label>Theme</Menu.Label>
        <Menu.RadioGroup
          value={isMounted ? colorScheme : 'auto'}
          onChange={(value) => isColorScheme(value) && setColorScheme(value)}
        >
          {COLOR_SCHEMES.map(({ value, label }) => (
            <Menu.RadioItem key={value} value={value}>
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item component={Link} href="/guide" leftSection={<GuideIcon size={16} />}>
          User guide
        </Menu.Item>
        <AuthForm action="/api/auth/signout" callbackUrl="/sign-out">
          {() => (
            <Menu.Item type="submit" closeMenuOnClick={false} leftSection={<OutIcon size={16} />}>
              Sign out
            </Menu.Item>
          )}
        </AuthForm>
      </Menu.Dropdown>
    </Menu>
  )
}
