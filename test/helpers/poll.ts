/** Waiting in tests: for a condition, with a deadline, never for a time. */

/** Other programs may have both processors: what takes this long has stopped. */
const deadlineMs = 60_000;
const intervalMs = 5;
/** What has not changed for so many looks is at rest. */
const restLooks = 4;

/** Resolves once `condition` holds; rejects, with its name, when it does not within the deadline. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Waited ${deadlineMs} ms in vain: ${what}`);
    await breath();
  }
}

/** Takes `step` again and again while `isOn` says so, and leaves others the processor between. */
export async function repeat(isOn: () => boolean, step: () => Promise<unknown>): Promise<void> {
  while (isOn()) {
    await step();
    await breath();
  }
}

/** Resolves once `count` has stayed the same for some looks: what it counts has come to rest. */
export async function atRest(count: () => number): Promise<void> {
  for (let [looks, before] = [0, count()]; looks < restLooks; looks++) {
    await breath();
    const now = count();
    if (now !== before) [looks, before] = [0, now];
  }
}

function breath(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, intervalMs));
}
