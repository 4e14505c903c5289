/** Waiting in tests: for a condition, with a deadline, never for a time. */

/** Other programs may have both processors: what takes this long has stopped. */
const deadlineMs = 60_000;
const intervalMs = 5;

/** Resolves once `condition` holds; rejects, with its name, when it does not within the deadline. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Waited ${deadlineMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
