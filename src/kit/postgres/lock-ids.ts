/** Lock that migrations and dumps take, so that neither queues behind the table locks of the other. */
export const advisoryLock = { classId: 0x736c6970, objectId: 1 } as const

/** Held, shared, by a migration that waits for the lock above: a scheduled dump that sees it ends itself. */
export const waitingLock = { classId: advisoryLock.classId, objectId: 2 } as const
