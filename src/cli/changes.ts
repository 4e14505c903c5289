/** Which of a stream of views say something new: the last state of each thing told of, forgotten when it ends. */
export class Changes<Key> {
  readonly #last = new Map<Key, string>();

  /** Whether this state differs from the last one told of the same thing. */
  isNew(key: Key, state: string, isLast: boolean): boolean {
    if (this.#last.get(key) === state) return false;
    if (isLast) this.#last.delete(key);
    else this.#last.set(key, state);
    return true;
  }
}
