import { Copyable } from '#app/_ui/copyable.tsx'
import type { SnowflakeMethod } from '#lib/api/lists.ts'
import type { ScriptNames } from '#lib/warehouse/snowflake/setup/script.ts'

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

function PastedKeyStep({ user }: ScriptNames) {
  return (
    <li>
      <p>Create the key pair where it should live, and paste the private key into the form:</p>
      <Copyable text="openssl genrsa 2048 | openssl pkcs8 -topk8 -v2 aes256 -out rsa_key.p8" />
      <Copyable text="openssl rsa -in rsa_key.p8 -pubout" />
      <p>Register the public key, on one line and without BEGIN and END, in place of the one in the script:</p>
      <Copyable text={`ALTER USER ${quoted(user)} SET RSA_PUBLIC_KEY = '…';`} />
    </li>
  )
}

function TokenStep({ user, role }: ScriptNames) {
  const restriction = quoted(role).slice(1, -1).replaceAll("'", "''")
  return (
    <li>
      <p>
        Create the token and paste it into the form right away. Snowflake accepts tokens only from addresses that a
        network policy of this user allows.
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
        The script’s service user can’t have a password. Enter your own user name of a trial account in the form
        instead, and grant it the role:
      </p>
      <Copyable text={`GRANT ROLE ${quoted(role)} TO USER "YOUR_NAME";`} />
    </li>
  )
}

/** The extra step of a sign-in method. A key pair created here needs none. */
export function MethodStep({ method, names }: { method: SnowflakeMethod; names: ScriptNames }) {
  if (method === 'pasted key') return <PastedKeyStep {...names} />
  if (method === 'token') return <TokenStep {...names} />
  return method === 'password' ? <PasswordStep {...names} /> : null
}
