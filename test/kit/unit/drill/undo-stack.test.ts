import { expect, it } from 'vitest'
import { createUndoStack } from '../../drill/undo-stack.ts'

it('takes everything back, the last first, each once, also when one of them fails', async () => {
  const undone: string[] = []
  const undo = createUndoStack()
  undo.push(() => undone.push('first'))
  undo.push(() => Promise.reject(new Error('stuck')))
  undo.push(() => undone.push('last'))

  await expect(undo.close()).rejects.toThrow('taken back')
  await expect(undo.close()).rejects.toThrow('taken back')

  expect(undone).toEqual(['last', 'first'])
})

it('waits for one that runs already, as when Ctrl-C comes while it closes', async () => {
  const undo = createUndoStack()
  const gate = Promise.withResolvers<undefined>()
  let isUndone = false
  undo.push(() => gate.promise.then(() => (isUndone = true)))

  void undo.close()
  const second = undo.close()
  gate.resolve(undefined)
  await second

  expect(isUndone).toBe(true)
})

it('takes back at once what is pushed after the end, and stops whoever pushed it', async () => {
  const undo = createUndoStack()
  await undo.close()
  let isUndone = false

  expect(() => undo.push(() => (isUndone = true))).toThrow('interrupted')
  await undo.close()

  expect(isUndone).toBe(true)
})
