interface Closable {
  close(): Promise<void> | void;
}

/** What was opened, to be closed in reverse; the first thing that failed is what is told. */
export class Closing {
  readonly #open: Closable[] = [];

  add<T extends Closable>(opened: T): T {
    this.#open.push(opened);
    return opened;
  }

  /** Runs `body`, then closes everything, each thing whatever became of the others. */
  async after(body: () => Promise<void>): Promise<void> {
    const faults: unknown[] = [];
    const attempt = async (action: () => Promise<void> | void): Promise<void> => {
      try {
        await action();
      } catch (error) {
        faults.push(error);
      }
    };
    await attempt(body);
    for (const opened of this.#open.splice(0).reverse()) await attempt(() => opened.close());
    if (faults.length > 0) throw faults[0];
  }
}
