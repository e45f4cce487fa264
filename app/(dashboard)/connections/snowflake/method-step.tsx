import { Copyable } from '#app/_ui/copyable.tsx'
import type { SnowflakeMethod } from '#lib/api/lists.ts'
import type { ScriptNames } from '#lib/warehouse/snowflake/script.ts'

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

function PastedKeyStep({ user }: ScriptNames) {
  return (
    <li>
      <p>Make the key pair where it shall live, and paste the private half into the form:</p>
      <Copyable text="openssl genrsa 2048 | openssl pkcs8 -topk8 -v2 aes256 -out rsa_key.p8" />
      <Copyable text="openssl rsa -in rsa_key.p8 -pubout" />
      <p>Register the public half, in one line and without BEGIN and END, in place of the one in the script:</p>
      <Copyable text={`ALTER USER ${quoted(user)} SET RSA_PUBLIC_KEY = '…';`} />
    </li>
  )
}

function TokenStep({ user, role }: ScriptNames) {
  const restriction = quoted(role).slice(1, -1).replaceAll("'", "''")
  return (
    <li>
      <p>
        Make the token, and paste it into the form at once. Snowflake takes tokens only from addresses that a network
        policy of this user allows.
      </p>
      <Copyable
        text={`ALTER USER ${quoted(user)} ADD PROGRAMMATIC ACCESS TOKEN TRACKLAKE ROLE_RESTRICTION = '${restriction}' DAYS_TO_EXPIRY = 365;`}
      />
    </li>
  )
}

function PasswordStep({ role }: ScriptNames) {
  return (
    <li>
      <p>
        The service user of the script can have no password. Put your own name of a trial account into the form instead,
        and give it the right to load:
      </p>
      <Copyable text={`GRANT ROLE ${quoted(role)} TO USER "YOUR_NAME";`} />
    </li>
  )
}

/** What one method of signing in needs besides the script; a key pair made here needs nothing. */
export function MethodStep({ method, names }: { method: SnowflakeMethod; names: ScriptNames }) {
  if (method === 'pasted key') return <PastedKeyStep {...names} />
  if (method === 'token') return <TokenStep {...names} />
  return method === 'password' ? <PasswordStep {...names} /> : null
}
