/** Holds an activity until the test lets it go on. */
export interface Gate {
  /** Resolves when somebody stands at it. */
  reached: Promise<void>;
  /** For the activity: waits for `open`. */
  pass(): Promise<void>;
  open(): void;
}

export function gate(): Gate {
  const [reached, arrive] = aPromise();
  const [opened, open] = aPromise();
  return {
    reached,
    pass: () => {
      arrive();
      return opened;
    },
    open,
  };
}

function aPromise(): [promise: Promise<void>, resolve: () => void] {
  let resolve!: () => void;
  return [new Promise<void>((done) => (resolve = done)), resolve];
}
