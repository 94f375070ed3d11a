/** The one lock of this database that migrations and dumps take, so that neither queues behind the other's table locks. */
export const advisoryLock = { classId: 0x736c6970, objectId: 1 } as const

/** Held, shared, by whoever waits for that lock to migrate: a scheduled dump that sees it gives way. */
export const waitingLock = { classId: advisoryLock.classId, objectId: 2 } as const
