import { deepStrictEqual } from 'node:assert'
import { proof } from '#app/proof'
import type { Contender } from './open-contender.ts'

async function ask(contender: Contender, path: string, cookie: string): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${contender.port}${path}`, { headers: { cookie } })
  if (!response.ok) throw new Error(`${contender.name} answered ${response.status}: ${await response.text()}`)
  return response.json()
}

/** A contender that does less than the others would win for that reason alone. */
export async function requireSameAnswers(
  contenders: readonly Contender[],
  id: string,
  cookie: string,
): Promise<void> {
  for (const path of [`${proof.row.path}/${id}`, `${proof.row.path}?limit=20`]) {
    const answers = await Promise.all(contenders.map((each) => ask(each, path, cookie)))
    contenders.forEach(({ name }, index) => {
      deepStrictEqual(answers[index], answers[0], `${name} answers otherwise on ${path}`)
    })
  }
}
