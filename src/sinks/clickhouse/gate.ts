/** Counts what is inside; `open` waits while that is more than `max`. */
export interface Gate {
  enter(): void;
  leave(): void;
  open(): Promise<void>;
}

export function createGate(max: number): Gate {
  let inside = 0;
  const waiting: (() => void)[] = [];
  return {
    enter: () => {
      inside += 1;
    },
    leave: () => {
      inside -= 1;
      if (inside <= max) for (const pass of waiting.splice(0)) pass();
    },
    open: () =>
      inside <= max ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve)),
  };
}
