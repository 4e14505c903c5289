/** Waits for a condition, looking every few milliseconds; throws when it takes too long. */
export async function until(what: string, condition: () => boolean, timeoutMs = 600_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
