import { type FormErrors, schemaResolver } from '@mantine/form'
import { useEffect, useRef } from 'react'

/** The violations of a contract's rules, by field. */
export function violations(...[schema, values]: [Parameters<typeof schemaResolver>[0], unknown]): FormErrors {
  return schemaResolver(schema, { sync: true })(values)
}

/**
 * Checks a form by the rules of its endpoint. They bring zod along (36 kB compressed), so they load once the page is shown.
 *
 * @param load imports the contract. If that fails, the server alone checks the form: it has the same rules
 * @param check returns the violations by field
 */
export function useFormRules<Contract, Values>(
  load: () => Promise<Contract>,
  check: (contract: Contract, values: Values) => FormErrors,
): (values: Values) => FormErrors | Promise<FormErrors> {
  const loaded = useRef<Contract>(undefined)
  const fetchRules = useRef(async () => {
    loaded.current ??= await load()
    return loaded.current
  })
  useEffect(() => {
    fetchRules.current().catch(() => {})
  }, [])
  return (values) =>
    loaded.current
      ? check(loaded.current, values)
      : fetchRules.current().then(
          (contract) => check(contract, values),
          () => ({}),
        )
}
