const bite = 250_000

/** A bite at a time, so that requests go on between them until the heap is full. */
function eat(eaten: unknown[]): void {
  eaten.push(Array.from({ length: bite }, (_, index) => ({ index })))
  setTimeout(eat, 50, eaten)
}

process.once('SIGUSR2', () => eat([]))
