const keysKept = 200;

/** The keys of a view with the newest events, distinct. */
export class RecentKeys {
  /** Oldest first: a Map keeps the order in which keys were set. */
  readonly #keys = new Map<string | number, true>();

  add(key: string | number): void {
    this.#keys.delete(key);
    this.#keys.set(key, true);
    if (this.#keys.size <= keysKept) return;
    const [oldest] = this.#keys.keys();
    this.#keys.delete(oldest!);
  }

  /** Newest first. */
  newest(limit: number): (string | number)[] {
    return [...this.#keys.keys()].reverse().slice(0, limit);
  }
}
