/** Adds up time by the clock and time of the processor, which says more on a machine that others use. */
export class Stopwatch {
  #ms = 0;
  #processorUs = 0;

  get ms(): number {
    return this.#ms;
  }

  get processorUs(): number {
    return this.#processorUs;
  }

  async during(work: () => Promise<unknown>): Promise<void> {
    const processor = process.cpuUsage();
    const startedMs = performance.now();
    await work();
    this.#ms += performance.now() - startedMs;
    const { user, system } = process.cpuUsage(processor);
    this.#processorUs += user + system;
  }
}
