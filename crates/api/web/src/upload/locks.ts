/** Which uploads are at work in some tab of this browser, so that no other takes them for interrupted. */

export function lockOf(videoId: string): string {
  return `upload ${videoId}`;
}

/** Holds a lock until the answer is called, or the tab is closed. */
export function hold(name: string): () => void {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  // Browsers have locks on secure pages only; without them, tabs don't know of each other.
  void locks()?.request(name, () => released);
  return release;
}

/** Names of the locks that some tab holds. */
export async function namesOfLocks(): Promise<Set<string>> {
  const state = await locks()?.query();
  return new Set(state?.held?.flatMap(({ name }) => name ?? []));
}

function locks(): LockManager | undefined {
  return 'locks' in navigator ? navigator.locks : undefined;
}
