import type { ResultSet } from '#testing/snowflake/engine/results.ts'
import { syntaxError } from '#testing/snowflake/sql/failure.ts'
import { type Block, parseBlock, type Step } from '#testing/snowflake/sql/scripting.ts'
import { type Token, tokenize } from '#testing/snowflake/sql/tokens.ts'

type Run = (tokens: Token[]) => Promise<ResultSet>

/** Runs a block of Snowflake Scripting. @param run runs one statement @returns the result that the block returns */
export async function runBlock(text: string, run: Run): Promise<ResultSet> {
  const result = await new BlockRun(parseBlock(text), run).all()
  if (!result) throw syntaxError('the block returns nothing.')
  return result
}

type Value = { type: string; text: string | null }

class BlockRun {
  private readonly block: Block
  private readonly run: Run
  private readonly variables = new Map<string, Value>()
  private readonly sets = new Map<string, ResultSet>()
  private readonly rows = new Map<string, Map<string, string | null>>()

  constructor(block: Block, run: Run) {
    this.block = block
    this.run = run
  }

  async all(): Promise<ResultSet | undefined> {
    for (const [name, { type, value }] of this.block.variables)
      this.variables.set(name, { type, text: await this.evaluate(value) })
    return this.steps(this.block.body)
  }

  private async steps(steps: Step[]): Promise<ResultSet | undefined> {
    for (const step of steps) {
      const result = await this.step(step)
      if (result) return result
    }
    return undefined
  }

  private async step(step: Step): Promise<ResultSet | undefined> {
    if (step.kind === 'result set') this.sets.set(step.name, await this.run(this.filled(step.statement)))
    else if (step.kind === 'for') return this.each(step)
    else if (step.kind === 'return') return this.set(step.set)
    else if (step.kind === 'execute') await this.run(tokenize((await this.evaluate(step.value)) ?? ''))
    else if (step.kind === 'if') {
      const holds = (await this.evaluate(step.condition)) === '1'
      return this.steps(holds ? step.yes : step.no)
    } else {
      const variable = this.variables.get(step.name)
      if (!variable) throw syntaxError(`identifier ${step.name} must be defined`)
      variable.text = await this.evaluate(step.value)
    }
    return undefined
  }

  private async each({ row, set, body }: Extract<Step, { kind: 'for' }>): Promise<ResultSet | undefined> {
    const { columns, rows } = this.set(set)
    for (const cells of rows) {
      this.rows.set(row, new Map(columns.map(({ name }, at) => [name, cells[at] ?? null])))
      const result = await this.steps(body)
      if (result) return result
    }
    this.rows.delete(row)
    return undefined
  }

  private set(name: string): ResultSet {
    const set = this.sets.get(name)
    if (!set) throw syntaxError(`identifier ${name} must be defined`)
    return set
  }

  private async evaluate(tokens: Token[]): Promise<string | null> {
    const { rows } = await this.run([{ kind: 'word', text: 'SELECT' }, ...this.filled(tokens)])
    return rows[0]?.[0] ?? null
  }

  /** The tokens with values in place of variables and of columns of rows. */
  private filled(tokens: Token[]): Token[] {
    const filled: Token[] = []
    for (let at = 0; at < tokens.length; at++) {
      const token = tokens[at] as Token
      const name = token.kind === 'word' ? token.text.toUpperCase() : ''
      const variable = this.variables.get(name)
      const row = this.rows.get(name)
      const column = tokens[at + 2]
      if (token.kind === 'operator' && token.text === ':') continue
      if (row && column) {
        if (!row.has(column.text)) throw syntaxError(`invalid identifier '${name}.${column.text}'`)
        filled.push(literal({ type: 'VARCHAR', text: row.get(column.text) ?? null }))
        at += 2
      } else filled.push(variable ? literal(variable) : token)
    }
    return filled
  }
}

function literal({ type, text }: Value): Token {
  if (text === null) return { kind: 'word', text: 'NULL' }
  if (type === 'BOOLEAN') return { kind: 'word', text: text === '1' ? 'TRUE' : 'FALSE' }
  return type === 'INTEGER' ? { kind: 'number', text } : { kind: 'string', text }
}
