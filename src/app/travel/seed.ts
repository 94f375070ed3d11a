import type { SeedTools } from '#kit/application'
import { ensureUser } from '#kit/ensure-user'
import { demoPlan, neighbourPlan } from './seed-plan.ts'
import { seedTravel } from './seed-travel.ts'

const people = [
  { email: 'demo@slipway.example', name: 'Demo Traveller', plan: demoPlan },
  { email: 'neighbour@slipway.example', name: 'Neighbour', plan: neighbourPlan },
]

/** Creates two users with trips and conversations, to try out the API. */
export async function seed({ db, auth, password, print }: SeedTools): Promise<void> {
  for (const { email, name, plan } of people) {
    const user = await ensureUser(auth, { email, name, password })
    await seedTravel(db, user.id, plan)
    print(`${email}  password: ${user.password ?? '(as before)'}`)
  }
}
